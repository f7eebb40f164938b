//! The page on which a seller says yes or no. Clearly marked as practice.

use crate::sellers::{SELLERS, Seller};

/// The languages of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    Portuguese,
    Spanish,
    English,
}

impl Language {
    /// The first language of an `Accept-Language` header that we speak; Portuguese if none.
    pub fn of(accepted: &str) -> Self {
        accepted
            .split(',')
            .find_map(|range| match range.trim().get(..2)?.to_ascii_lowercase().as_str() {
                "pt" => Some(Self::Portuguese),
                "es" => Some(Self::Spanish),
                "en" => Some(Self::English),
                _ => None,
            })
            .unwrap_or(Self::Portuguese)
    }

    const fn words(self) -> &'static Words {
        match self {
            Self::Portuguese => &PORTUGUESE,
            Self::Spanish => &SPANISH,
            Self::English => &ENGLISH,
        }
    }
}

/// What the page asks.
pub struct Question<'a> {
    pub language: Language,
    pub application: &'a str,
    pub scopes: &'a str,
    pub action: &'a str,
    pub consent_id: &'a str,
    pub nonce: &'a str,
    /// Whether another seller may sign in.
    pub login: bool,
}

struct Words {
    lang: &'static str,
    practice: &'static str,
    title: &'static str,
    asks: &'static str,
    signed_in: &'static str,
    allow: &'static str,
    deny: &'static str,
    answered: &'static str,
    error_title: &'static str,
    error_next: &'static str,
    scopes: [(&'static str, &'static str); 8],
}

const PORTUGUESE: Words = Words {
    lang: "pt-BR",
    practice: "Isto é um treino: esta não é a Hotmart de verdade, e todos os dados são inventados.",
    title: "O {app} quer acessar sua conta",
    asks: "Se você permitir, o {app} vai poder, em seu nome:",
    signed_in: "Você entrou como {seller}",
    allow: "Permitir",
    deny: "Não permitir",
    answered: "Se o navegador perguntar, deixe abrir o {app}. Quando ele abrir, pode fechar esta aba.",
    error_title: "Não dá para continuar este pedido",
    error_next: "Nada mudou na sua conta. Volte para o programa e, se ele ainda não estiver conectado, conecte de novo.",
    scopes: [
        ("openid", "saber quem você é (nome e e-mail)"),
        ("developers", "usar a API da Hotmart"),
        ("sales", "ver suas vendas"),
        ("club", "ver sua área de membros"),
        ("subscriptions", "ver suas assinaturas"),
        ("all", "ver vendas, assinaturas, produtos e área de membros"),
        ("read", "ver os dados da sua conta"),
        ("write", "alterar os dados da sua conta"),
    ],
};

const SPANISH: Words = Words {
    lang: "es",
    practice: "Esto es una práctica: no es Hotmart de verdad y todos los datos son inventados.",
    title: "{app} quiere acceder a tu cuenta",
    asks: "Si lo permites, {app} podrá, en tu nombre:",
    signed_in: "Entraste como {seller}",
    allow: "Permitir",
    deny: "No permitir",
    answered: "Si el navegador te pregunta, deja que abra {app}. Cuando se abra, puedes cerrar esta pestaña.",
    error_title: "No se puede continuar con esta solicitud",
    error_next: "No cambió nada en tu cuenta. Vuelve al programa y, si todavía no está conectado, conecta de nuevo.",
    scopes: [
        ("openid", "saber quién eres (nombre y correo)"),
        ("developers", "usar la API de Hotmart"),
        ("sales", "ver tus ventas"),
        ("club", "ver tu área de miembros"),
        ("subscriptions", "ver tus suscripciones"),
        ("all", "ver ventas, suscripciones, productos y área de miembros"),
        ("read", "ver los datos de tu cuenta"),
        ("write", "cambiar los datos de tu cuenta"),
    ],
};

const ENGLISH: Words = Words {
    lang: "en",
    practice: "This is practice: nothing here is the real Hotmart, and all data is made up.",
    title: "{app} wants to access your account",
    asks: "If you allow it, {app} will be able to do this on your behalf:",
    signed_in: "You are signed in as {seller}",
    allow: "Allow",
    deny: "Don’t allow",
    answered: "If the browser asks, let it open {app}. Once it opens, you can close this tab.",
    error_title: "This request can’t continue",
    error_next: "Nothing changed in your account. Go back to the program and, if it isn’t connected yet, connect again.",
    scopes: [
        ("openid", "know who you are (name and e-mail)"),
        ("developers", "use the Hotmart API"),
        ("sales", "see your sales"),
        ("club", "see your members area"),
        ("subscriptions", "see your subscriptions"),
        ("all", "see sales, subscriptions, products and members area"),
        ("read", "see your account’s data"),
        ("write", "change your account’s data"),
    ],
};

const STYLE: &str = "
:root { color-scheme: light dark; --ground: #f4f5f7; --card: #fff; --ink: #1d2733; --soft: #5a6675;
  --line: #d9dee5; --go: #14614f; --go-ink: #fff; --note: #fff3d6; --note-ink: #5b4300; }
@media (prefers-color-scheme: dark) { :root { --ground: #12171d; --card: #1c232c; --ink: #eef2f6;
  --soft: #a9b4c1; --line: #36404c; --go: #57c9ab; --go-ink: #08261f; --note: #3c3113; --note-ink: #ffe2a0; } }
body { margin: 0; background: var(--ground); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; }
main { box-sizing: border-box; max-width: 30rem; margin: 8vh auto 2rem; padding: 2rem; background: var(--card);
  border: 1px solid var(--line); border-radius: 1rem; }
h1 { font-size: 1.4rem; line-height: 1.25; margin: 0 0 .25rem; overflow-wrap: anywhere; }
.practice { max-width: 30rem; margin: 0 auto; padding: .75rem 1rem; background: var(--note); color: var(--note-ink);
  border-radius: 0 0 .75rem .75rem; text-align: center; font-weight: 600; }
.who { color: var(--soft); margin: 0 0 1.25rem; } ul { padding-left: 1.25rem; margin: .5rem 0 1.5rem; }
.choices { display: flex; flex-wrap: wrap; gap: .75rem; }
button { flex: 1 1 10rem; font: inherit; font-weight: 600; padding: .75rem 1rem; border-radius: .6rem;
  border: 1px solid var(--line); background: transparent; color: inherit; cursor: pointer; }
button.allow { background: var(--go); border-color: var(--go); color: var(--go-ink); }
button:focus-visible { outline: 3px solid var(--go); outline-offset: 2px; }
[hidden] { display: none; }
";

/// The browser stays on this page when the answer goes to another program: say so.
const SCRIPT: &str = "
document.querySelector('form').addEventListener('submit', () => {
  setTimeout(() => {
    document.querySelector('#question').hidden = true;
    document.querySelector('#answered').hidden = false;
  }, 0);
});
";

/// The page that asks.
pub fn consent(question: &Question) -> String {
    let words = question.language.words();
    let app = escape(question.application);
    let named = |text: &str| text.replace("{app}", &app);
    let scopes: String = question
        .scopes
        .split_whitespace()
        .filter_map(|scope| words.scopes.iter().find(|(known, _)| *known == scope))
        .map(|(scope, meaning)| format!("<li data-scope=\"{scope}\">{meaning}</li>"))
        .collect();
    let signed_in =
        |seller: &Seller| words.signed_in.replace("{seller}", &format!("{} ({})", seller.name, seller.email));
    let choice = if question.login {
        let options = SELLERS.iter().enumerate();
        let options =
            options.map(|(index, seller)| format!("<option value=\"{index}\">{}", signed_in(seller)));
        format!("<p><select id=\"seller\" name=\"seller\">{}</select></p>", options.collect::<String>())
    } else {
        String::new()
    };
    let body = format!(
        "<div id=\"question\"><h1>{title}</h1><p class=\"who\">{signed_in}</p><p>{asks}</p><ul>{scopes}</ul>\
         <form method=\"post\" action=\"{action}\"><input type=\"hidden\" name=\"consent\" value=\"{id}\">\
         {choice}<div class=\"choices\">\
         <button class=\"allow\" id=\"allow\" name=\"decision\" value=\"allow\">{allow}</button>\
         <button id=\"deny\" name=\"decision\" value=\"deny\">{deny}</button></div></form></div>\
         <p id=\"answered\" role=\"status\" hidden>{answered}</p><script nonce=\"{nonce}\">{SCRIPT}</script>",
        title = named(words.title),
        signed_in = if question.login { String::new() } else { signed_in(&SELLERS[0]) },
        asks = named(words.asks),
        action = question.action,
        id = escape(question.consent_id),
        allow = words.allow,
        deny = words.deny,
        answered = named(words.answered),
        nonce = question.nonce,
    );
    document(words, &named(words.title), question.nonce, &body)
}

/// The page that says why a request cannot go on.
pub fn error(language: Language, reason: &str, nonce: &str) -> String {
    let words = language.words();
    let body = format!(
        "<h1>{}</h1><p>{}</p><p class=\"who\"><code>{}</code></p>",
        words.error_title,
        words.error_next,
        escape(reason)
    );
    document(words, words.error_title, nonce, &body)
}

fn document(words: &Words, title: &str, nonce: &str, body: &str) -> String {
    format!(
        "<!doctype html><html lang=\"{lang}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>{title} · Practice Hotmart</title><style nonce=\"{nonce}\">{STYLE}</style></head>\
         <body><p class=\"practice\">{practice}</p><main>{body}</main></body></html>",
        lang = words.lang,
        practice = words.practice,
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_browsers_first_language_that_we_speak_is_taken() {
        assert_eq!(Language::of("es-MX,es;q=0.9,en;q=0.8"), Language::Spanish);
        assert_eq!(Language::of("de-DE, en;q=0.5"), Language::English);
        assert_eq!(Language::of("fr"), Language::Portuguese);
        assert_eq!(Language::of(""), Language::Portuguese);
    }

    #[test]
    fn a_name_cannot_become_markup_and_every_scope_has_words() {
        for language in [Language::Portuguese, Language::Spanish, Language::English] {
            let html = consent(&Question {
                language,
                application: "<b>App\"",
                scopes: "openid developers sales club subscriptions all read write",
                action: "/oidc/decision",
                consent_id: "id",
                nonce: "n",
                login: true,
            });
            assert!(!html.contains("<b>App"));
            assert_eq!(html.matches("<li ").count(), 8);
        }
    }
}
