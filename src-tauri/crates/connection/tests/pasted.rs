//! Every layout of a credential that people paste, and what is none.

use base64::Engine;
use connection::{PastedProblem, read_pasted};

const ID: &str = "9b3a1f4e-1111-4222-8333-abcdefabcdef";
const SECRET: &str = "0c7d5a2b-9999-4888-9777-fedcbafedcba";

fn basic_of(id: &str, secret: &str) -> String {
    base64::prelude::BASE64_STANDARD.encode(format!("{id}:{secret}"))
}

/// A layout with the places of the values filled in: `I`, `S` and `B` in braces.
fn filled(layout: &str, id: &str, secret: &str) -> String {
    layout.replace("{I}", id).replace("{S}", secret).replace("{B}", &basic_of(id, secret))
}

/// Layouts that say which value is which.
const LABELLED: &[&str] = &[
    // The Basic string alone.
    "{B}",
    "Basic {B}",
    "basic {B}",
    "BASIC    {B}",
    "  \r\n Basic\r\n{B}\r\n ",
    "\"{B}\"",
    "Basic: {B}",
    "Basic Token: {B}",
    "Token Basic {B}",
    "Authorization: Basic {B}",
    "-H 'Authorization: Basic {B}'",
    "curl -X POST https://api-sec-vlc.hotmart.com/security/oauth/token -H \"Authorization: Basic {B}\"",
    "HOTMART_BASIC={B}",
    "HOTMART_BASIC_AUTH=\"Basic {B}\"",
    "export HOTMART_BASIC_TOKEN='{B}'",
    "{\"basic\": \"Basic {B}\"}",
    "Client ID: {B}",
    "client_secret={B}",
    // The page's lines, in its languages.
    "Client ID\n{I}\nClient Secret\n{S}\nBasic\n{B}",
    "Client ID: {I}\nClient Secret: {S}\nBasic: {B}",
    "Client ID {I} Client Secret {S} Basic {B}",
    "Client ID\tClient Secret\tBasic\n{I}\t{S}\tBasic {B}",
    "Minha credencial\nProdução\nClient ID\n{I}\nCopiar\nClient Secret\n{S}\nCopiar\nBasic\n{B}\nCopiar",
    "Credencial 1\nClient ID\n\n{I}\n\nClient Secret\n\n{S}",
    "Client Secret\n{S}\nClient ID\n{I}",
    "Basic: {B}\nClient Secret: {S}\nClient ID: {I}",
    "ID do cliente: {I}\nChave secreta: {S}",
    "ID del cliente: {I}\nClave secreta: {S}",
    "Client ID é {I} e o Client Secret é {S}",
    "oi! segue: client id = {I} / client secret = {S} obrigada",
    "*Client ID:* {I}\n*Client Secret:* {S}",
    "**Client ID**: `{I}`\n**Client Secret**: `{S}`",
    "- Client ID → {I}\n- Client Secret → {S}",
    "| Client ID | Client Secret |\n|---|---|\n| {I} | {S} |",
    "<dt>Client ID</dt><dd>{I}</dd><dt>Client Secret</dt><dd>{S}</dd>",
    // Files and code.
    "{\"client_id\":\"{I}\",\"client_secret\":\"{S}\"}",
    "{ \"clientId\" : \"{I}\", \"clientSecret\" : \"{S}\", \"basic\": \"{B}\" }",
    "{\"client_secret\":\"{S}\",\"client_id\":\"{I}\",\"environment\":\"production\"}",
    "HOTMART_CLIENT_ID={I}\nHOTMART_CLIENT_SECRET={S}",
    "HOTMART_CLIENT_ID=\"{I}\"\r\nHOTMART_CLIENT_SECRET=\"{S}\"\r\nHOTMART_BASIC={B}\r\n",
    "export CLIENT_ID='{I}'; export CLIENT_SECRET='{S}'",
    "$env:HOTMART_CLIENT_ID = '{I}'\n$env:HOTMART_CLIENT_SECRET = '{S}'",
    "client_id: {I}\nclient_secret: {S}",
    "client-id={I}&client-secret={S}",
    "https://api-sec-vlc.hotmart.com/security/oauth/token?grant_type=client_credentials&client_id={I}&client_secret={S}",
    "[hotmart]\nclient_id = {I}\nclient_secret = {S}",
    "const CLIENT_ID = \"{I}\";\nconst CLIENT_SECRET = \"{S}\";",
    "clientId=\"{I}\" clientSecret=\"{S}\"",
    "<client_id>{I}</client_id><client_secret>{S}</client_secret>",
    "name,client_id,client_secret\nLoja,{I},{S}",
    "{I}:{S}",
    "  {I}:{S}\n",
    // One label says enough.
    "Client ID: {I}\n{S}",
    "{I}\nClient Secret: {S}",
    // The same more than once.
    "Client ID {I} Client Secret {S} Client ID {I}",
    "{B} {B}",
    "Client ID: {I}\nClient ID: {I}\nClient Secret: {S}",
    // What comes along unseen.
    "\u{FEFF}Client ID: \u{200B}{I}\u{200B}\nClient Secret:\u{A0}{S}\u{2060}",
    "“{I}” : “{S}”\u{AD}\nBasic {B}",
    "Client\u{A0}ID\u{A0}{I}\nClient\u{A0}Secret\u{A0}{S}",
    "Client ID:\u{202A}{I}\u{202C} Client Secret:\u{202A}{S}\u{202C}",
];

/// Layouts that do not say which value is which.
const BARE: &[&str] = &[
    "{I} {S}",
    "{I}\n{S}",
    "{I}\r\n\r\n{S}\r\n",
    "{I}\t{S}",
    "{I},{S}",
    "{I};{S}",
    "({I}, {S})",
    "{I} / {S}",
    "meu acesso:\n{I}\n{S}",
];

#[test]
fn every_layout_of_a_credential_is_taken_as_it_was_meant() {
    let others = [
        (ID, SECRET),
        ("seller-app-7f3d", "canary-secret-5b1e0c9a7d42"),
        ("12345678-1234-1234-1234-123456789012", SECRET),
    ];
    assert!(LABELLED.len() + BARE.len() >= 65);
    let with_a_date = format!("Loja-2026 {ID} criada em 12/11/2026 {SECRET}");
    assert_eq!(read_pasted(&with_a_date).unwrap().client_id, ID);
    for (id, secret) in others {
        for (layouts, guess) in [(LABELLED, false), (BARE, true)] {
            for layout in layouts {
                let text = filled(layout, id, secret);
                let read = read_pasted(&text).unwrap_or_else(|problem| panic!("{problem}: {text}"));
                let found = (read.client_id.as_str(), read.client_secret.expose(), read.order_is_a_guess);
                assert_eq!(found, (id, secret, guess), "{text}");
            }
        }
    }
}

#[test]
fn where_the_order_is_a_guess_the_other_one_can_be_tried() {
    let read = read_pasted(&format!("{SECRET}\n{ID}")).unwrap();
    assert!(read.order_is_a_guess);
    let swapped = read.swapped();
    assert_eq!((swapped.client_id.as_str(), swapped.client_secret.expose()), (ID, SECRET));
}

#[test]
fn what_is_no_credential_is_told_apart() {
    use PastedProblem::*;
    let token = format!("eyJhbGciOiJSUzI1NiJ9.{}.c2lnbmF0dXJlLW9mLWl0", "e".repeat(60));
    let long = "x1 ".repeat(6_000);
    let cut = &basic_of(ID, SECRET)[..60];
    let wrong: &[(&str, PastedProblem)] = &[
        ("", Empty),
        (" \r\n\t ", Empty),
        ("\u{200B}\u{FEFF}", Empty),
        (&long, TooLong),
        ("Client ID Client Secret Basic", OnlyLabels),
        ("Client ID:\nClient Secret:\nBasic:", OnlyLabels),
        ("client_id=:client_id&client_secret=:client_secret", OnlyLabels),
        ("{\"client_id\":\"YOUR_CLIENT_ID\",\"client_secret\":\"YOUR_CLIENT_SECRET\"}", OnlyLabels),
        ("Authorization: Basic", OnlyLabels),
        ("Client ID {I} Client Secret ••••••••••••", Hidden),
        ("Client ID: {I}\nClient Secret: ********", Hidden),
        ("{I} xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx", Hidden),
        ("Client ID: {I}", SecretMissing),
        ("HOTMART_CLIENT_ID={I}\nHOTMART_CLIENT_SECRET=", SecretMissing),
        ("Client ID\n{I}\nCopiar\nClient Secret\nMostrar", SecretMissing),
        ("Client Secret: {S}", IdMissing),
        ("{\"client_secret\":\"{S}\"}", IdMissing),
        ("{I}", OnlyOne),
        ("minha chave é {S}", OnlyOne),
        ("Client ID: {I}\nClient Secret: 0c7d5a2b-9999-4888", CutOff),
        ("{I} 0c7d5a2b-9999-4888-9777-fedcba", CutOff),
        ("9b3a1f4e-1111-42", CutOff),
        ("9b3a1f4e-1111…", CutOff),
        ("Client ID: 9b3a1f4e...", CutOff),
        (cut, CutOff),
        ("Basic abc12345", BasicUnreadable),
        ("Basic not-a-basic-at-all-1", BasicUnreadable),
        ("HOTMART_BASIC=12345678901234567890", BasicUnreadable),
        ("YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXoxMjM0NTY3ODkwYWJj", BasicUnreadable),
        (&token, Token),
        ("H4sIAAAAAAAAA02Ouw6CMBSG3%2Fabc123", Token),
        ("Bearer 1a2b3c4d5e6f7a8b", Token),
        ("{\"access_token\":\"1a2b3c4d5e6f7a8b\",\"expires_in\":172799}", Token),
        ("hottok: 1a2b3c4d5e6f7a8b", Hottok),
        ("X-HOTMART-HOTTOK=1a2b3c4d5e6f7a8b", Hottok),
        ("https://app.hotmart.com/tools/credentials", Address),
        ("https://developers.hotmart.com/docs/pt-BR/", Address),
        ("ana@exemplo.com", Login),
        ("login: ana@exemplo.com senha: segredinho", Login),
        ("{I} {S} 77777777-7777-4777-8777-777777777777", Several),
        ("Client ID: {I}\nClient ID: {S}\nClient Secret: 77777777-7777-4777-8777-777777777777", Several),
        ("Client ID: {S}\nClient Secret: {I}\nBasic: {B}", Contradiction),
        ("Client ID: 77777777-7777-4777-8777-777777777777\nBasic: {B}", Contradiction),
        ("Client ID: {I}\nClient Secret: {I}", SameTwice),
        ("{I}\n{I}", SameTwice),
        ("bom dia, tudo bem?", NothingFound),
        ("1234", NothingFound),
    ];
    assert!(wrong.len() >= 40);
    for (layout, problem) in wrong {
        let text = filled(layout, ID, SECRET);
        assert_eq!(read_pasted(&text).map(|read| read.client_id), Err(*problem), "{text}");
    }
    let told: std::collections::BTreeSet<_> = wrong.iter().map(|(_, problem)| problem.code()).collect();
    let all: std::collections::BTreeSet<_> =
        <PastedProblem as strum::VariantNames>::VARIANTS.iter().copied().collect();
    assert_eq!(told, all, "each problem is told of something");
}
