//! What a single word of a pasted text is: a label, a value of some shape, or neither. Pure.

/// How page designers hide a secret.
const MASKS: &str = "*•●·∙⬤xX";
/// A word without a label is a value if it has this many characters, and a digit.
const SHORTEST_VALUE: usize = 8;
/// An id or secret of Hotmart's is a UUID (RFC 9562 §4): 36 characters.
pub const UUID: usize = 36;

/// What a label announces.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Label {
    Id,
    Secret,
    Basic,
    Token,
    Hottok,
}

/// What a word announces, if it is a label: in the languages of Hotmart's
/// pages, and as tools and files spell it.
pub fn label_of(word: &str) -> Option<Label> {
    // Longer ones are values that have such a word in them.
    const LONGEST_LABEL: usize = 32;
    if word.len() > LONGEST_LABEL || is_uuid(word) {
        return None;
    }
    let plain: String = word.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    let ends = |ends: &[&str]| ends.iter().any(|end| plain.ends_with(end));
    if ends(&["hottok"]) {
        Some(Label::Hottok)
    } else if plain == "id" || ends(&["clientid", "idcliente", "iddocliente", "iddelcliente"]) {
        Some(Label::Id)
    } else if ["secret", "segredo", "secreto", "secreta"].contains(&plain.as_str())
        || ends(&["clientsecret", "secretkey", "chavesecreta", "clavesecreta"])
    {
        Some(Label::Secret)
    } else if ends(&["basic", "basicauth", "basictoken"]) {
        Some(Label::Basic)
    } else if plain == "bearer" || ends(&["accesstoken", "refreshtoken", "idtoken"]) {
        Some(Label::Token)
    } else {
        None
    }
}

/// Whether a page hid it behind dots or stars.
pub fn is_masked(word: &str) -> bool {
    word.chars().count() >= 4
        && word.chars().filter(|c| MASKS.contains(*c)).count() * 2 > word.chars().count()
}

/// JSON Web Tokens, and the compressed ones of Hotmart's.
pub fn is_token(word: &str) -> bool {
    word.starts_with("H4sI") || (word.starts_with("ey") && word.matches('.').count() == 2)
}

/// Whether it can be an id or a secret, where nothing says what it is.
pub fn is_value(word: &str) -> bool {
    word.len() >= SHORTEST_VALUE
        && word.bytes().all(|byte| byte.is_ascii_graphic())
        && word.bytes().any(|byte| byte.is_ascii_digit())
}

/// Beside its label a value may be of letters alone. The words of a page's
/// buttons are shorter.
pub fn is_value_beside_a_label(word: &str) -> bool {
    const SHORTEST: usize = 4;
    let graphic = word.bytes().all(|byte| byte.is_ascii_graphic());
    graphic && word.len() >= SHORTEST && (word.bytes().any(|byte| byte.is_ascii_digit()) || word.len() >= 16)
}

/// Whether it is a whole UUID, as Hotmart's ids and secrets are.
pub fn is_uuid(word: &str) -> bool {
    word.len() == UUID && is_of_a_uuid(word)
}

/// The beginning of a UUID, at least up to its first hyphen, and not all of it.
pub fn is_part_of_a_uuid(word: &str) -> bool {
    const SHORTEST: usize = 9;
    (SHORTEST..UUID).contains(&word.len()) && is_of_a_uuid(word)
}

fn is_of_a_uuid(word: &str) -> bool {
    const HYPHENS: [usize; 4] = [8, 13, 18, 23];
    word.bytes().enumerate().all(|(place, byte)| match HYPHENS.contains(&place) {
        true => byte == b'-',
        false => byte.is_ascii_hexdigit(),
    })
}

/// Long, and of the letters of base64: it was meant to be a Basic string.
pub fn is_like_a_basic(word: &str) -> bool {
    const SHORTEST: usize = 40;
    let letters = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte);
    word.len() >= SHORTEST && word.bytes().all(letters)
}
