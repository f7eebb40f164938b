//! The program's sentences by their keys: a test waits for what is meant, not for how it is said.

use adapters::Translations;

/// A sentence in a language, with its places for values as they are.
pub fn sentence(language: &str, key: &str) -> String {
    let sentence = Translations::of(language).text(key);
    assert_ne!(sentence, key, "there is no such sentence");
    sentence
}

/// A sentence in Brazilian Portuguese, which the tests' desktops speak.
pub fn pt(key: &str) -> String {
    sentence("pt-BR", key)
}

/// A sentence in Brazilian Portuguese with values in it.
pub fn pt_with(key: &str, values: &[(&str, &str)]) -> String {
    values.iter().fold(pt(key), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
}

/// The words of a sentence between the values in it.
pub fn words_between_values(key: &str) -> Vec<String> {
    let sentence = pt(key);
    let parts = sentence.split('{').map(|part| part.split_once('}').map_or(part, |(_, after)| after));
    parts.map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
}

/// Whether a text says a sentence in Brazilian Portuguese, whatever values are in it.
pub fn says(text: &str, key: &str) -> bool {
    let known = Translations::of("pt-BR").text(key) != key;
    let mut rest = text;
    known
        && words_between_values(key).iter().all(|part| match rest.split_once(part.as_str()) {
            Some((_, after)) => {
                rest = after;
                true
            }
            None => false,
        })
}
