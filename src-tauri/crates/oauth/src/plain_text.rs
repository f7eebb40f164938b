//! Names that others wrote, made safe to be shown.

/// A text in one line, without what moves a cursor, turns the direction of
/// writing around, or cannot be seen.
pub fn plain_text(text: &str) -> String {
    let words = text.split_whitespace().map(|word| word.chars().filter(|c| !is_odd(*c)).collect::<String>());
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Control characters, and Unicode's invisible and bidirectional formats.
fn is_odd(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{AD}' | '\u{61C}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_line_that_reads_as_it_is_written() {
        assert_eq!(plain_text("  Loja\tda \n Bia "), "Loja da Bia");
        assert_eq!(plain_text("a\u{1b}]52;c;x\u{7}b \u{202e}cba\u{200b}"), "a]52;c;xb cba");
        assert_eq!(plain_text("\u{200b} \u{7}"), "");
    }
}
