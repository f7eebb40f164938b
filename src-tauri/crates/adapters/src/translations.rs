//! What is said, in the person's language. The sentences stand in the window's
//! locale files: one place for all of them.

use std::collections::HashMap;
use std::sync::OnceLock;

/// The languages there are.
pub const LANGUAGES: [&str; 3] = ["pt-BR", "es", "en"];

/// The sentences of one language.
pub struct Translations {
    language: &'static str,
    file: &'static str,
    /// Read when the first one is asked for, by whichever thread: most runs of
    /// `hotmart-token` say nothing.
    sentences: OnceLock<HashMap<String, String>>,
}

impl Translations {
    /// The sentences of a language that is in [`LANGUAGES`], or in English.
    pub fn of(language: &str) -> Self {
        let (language, file) = match language {
            "pt-BR" => ("pt-BR", include_str!("../../../../ui/locales/pt-BR.js")),
            "es" => ("es", include_str!("../../../../ui/locales/es.js")),
            _ => ("en", include_str!("../../../../ui/locales/en.js")),
        };
        Self { language, file, sentences: OnceLock::new() }
    }

    /// No sentences: [`Translations::text`] gives each key back.
    #[allow(dead_code)] // The build writes for people.
    pub fn without_sentences() -> Self {
        Self { language: "en", file: "{}", sentences: OnceLock::new() }
    }

    /// The sentences of the language that comes first among `wanted`, such as
    /// `pt_BR.UTF-8`; in English if there is none of these, as in `C`.
    #[allow(dead_code)] // The build knows its languages.
    pub fn of_first(wanted: impl IntoIterator<Item = String>) -> Self {
        let known = |wanted: String| {
            let main = wanted.split(['-', '_', '.']).next().unwrap_or_default().to_ascii_lowercase();
            LANGUAGES.into_iter().find(|language| language.split('-').next() == Some(main.as_str()))
        };
        Self::of(wanted.into_iter().find_map(known).unwrap_or("en"))
    }

    /// The language, as a BCP 47 tag.
    #[allow(dead_code)] // The build knows its languages.
    pub fn language(&self) -> &'static str {
        self.language
    }

    /// A sentence; its key if there is none, which a test forbids.
    pub fn text(&self, key: &str) -> String {
        let sentences = self.sentences.get_or_init(|| {
            // A module with one JSON object in it.
            let json = self.file.trim().trim_start_matches("export default").trim_end_matches(';');
            serde_json::from_str(json).unwrap_or_default()
        });
        sentences.get(key).map_or(key, String::as_str).to_owned()
    }

    /// A sentence with values in it.
    #[allow(dead_code)] // The build has none.
    pub fn with(&self, key: &str, values: &[(&str, &str)]) -> String {
        values.iter().fold(self.text(key), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
    }
}
