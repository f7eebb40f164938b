//! Names that others wrote, made safe to be shown.

/// A text in one line, without what moves a cursor, turns the direction of
/// writing around, or cannot be seen.
pub fn plain_text(text: &str) -> String {
    let words = text.split_whitespace().map(|word| word.chars().filter(|c| !is_odd(*c)).collect::<String>());
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Control characters, Unicode's bidirectional formats, and what is drawn as
/// nothing (`Default_Ignorable_Code_Point`).
fn is_odd(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
            | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
            | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFF8}'
            | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}')
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
