//! What a seller pasted from Hotmart's page, a file or a chat, in whatever
//! layout: the client id and the secret in it, or why they are not there. Pure.
//!
//! The text is cut into words. A word is a label (`Client ID`, `client_secret`,
//! `Basic`), a value, or neither. Labels wait for the values that follow them,
//! so that a line, a table, JSON and a `.env` file are all read alike.

use oauth::{Secret, split_basic};

use crate::pasted_words::{
    Label, UUID, is_like_a_basic, is_masked, is_part_of_a_uuid, is_token, is_uuid, is_value,
    is_value_beside_a_label, label_of,
};

/// More than anybody copies from a page with a credential on it: 16 KiB.
const LONGEST: usize = 16 * 1024;
/// What nobody sees on a page, and what comes along when it is copied.
const INVISIBLE: &str = "\u{AD}\u{200B}\u{200C}\u{200D}\u{200E}\u{200F}\u{2060}\u{FEFF}\
                         \u{202A}\u{202B}\u{202C}\u{202D}\u{202E}\u{2066}\u{2067}\u{2068}\u{2069}";
/// What stands between words, and never in a credential.
const BETWEEN: &str = "\"'`“”‘’«»,;{}[]()<>|&?\\";

/// A credential, as it was found in a text.
#[derive(Debug)]
pub struct PastedCredentials {
    /// The public half.
    pub client_id: String,
    /// The secret half.
    pub client_secret: Secret,
    /// Whether nothing in the text said which of the two is which.
    pub order_is_a_guess: bool,
}

impl PastedCredentials {
    /// The same with id and secret in each other's place.
    #[must_use]
    pub fn swapped(&self) -> Self {
        Self {
            client_id: self.client_secret.expose().to_owned(),
            client_secret: Secret::new(self.client_id.clone()),
            order_is_a_guess: self.order_is_a_guess,
        }
    }
}

/// Why there is no credential in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::VariantNames, strum::IntoStaticStr, thiserror::Error)]
#[strum(serialize_all = "snake_case")]
pub enum PastedProblem {
    /// Nothing to be seen in it.
    #[error("there is nothing in it")]
    Empty,
    /// More than anybody copies by intent.
    #[error("it is too long")]
    TooLong,
    /// Words, and no credential.
    #[error("there is no credential in it")]
    NothingFound,
    /// The labels of the page, or of an example, and no values.
    #[error("there are labels and no values")]
    OnlyLabels,
    /// The secret is still hidden on the page.
    #[error("the secret is hidden")]
    Hidden,
    /// An id, and no secret.
    #[error("there is an id and no secret")]
    SecretMissing,
    /// A secret, and no id.
    #[error("there is a secret and no id")]
    IdMissing,
    /// One value, which may be either.
    #[error("there is one value alone")]
    OnlyOne,
    /// A value that is shorter than it was.
    #[error("a value is cut off")]
    CutOff,
    /// A Basic string that is none.
    #[error("the Basic string cannot be read")]
    BasicUnreadable,
    /// An access token: it lives for hours, and renews nothing.
    #[error("it is an access token")]
    Token,
    /// The token of Hotmart's webhooks.
    #[error("it is a hottok")]
    Hottok,
    /// An address alone.
    #[error("it is an address")]
    Address,
    /// The login of a person.
    #[error("it is an e-mail address")]
    Login,
    /// More than one credential.
    #[error("there are several credentials")]
    Several,
    /// The Basic string is of another credential than the id or secret beside it.
    #[error("its parts belong to different credentials")]
    Contradiction,
    /// Id and secret are the same text.
    #[error("the same value stands there twice")]
    SameTwice,
}

impl PastedProblem {
    /// The code as it crosses to the window; the sentences belong to it.
    pub fn code(self) -> &'static str {
        self.into()
    }
}

/// Everything of interest in a text.
#[derive(Default)]
struct Found<'a> {
    ids: Vec<&'a str>,
    secrets: Vec<&'a str>,
    basics: Vec<&'a str>,
    /// Values without a label, each once.
    others: Vec<&'a str>,
    repeated: bool,
    labels: bool,
    hidden: bool,
    cut_off: bool,
    token: bool,
    hottok: bool,
    address: bool,
    login: bool,
    bad_basic: bool,
}

/// Reads a credential out of a text.
///
/// # Errors
/// Why there is none, or not one alone.
pub fn read_pasted(text: &str) -> Result<PastedCredentials, PastedProblem> {
    if text.len() > LONGEST {
        return Err(PastedProblem::TooLong);
    }
    let text = text.chars().filter(|c| !INVISIBLE.contains(*c) && (!c.is_control() || c.is_whitespace()));
    let text = Secret::new(text.collect());
    if text.expose().trim().is_empty() {
        return Err(PastedProblem::Empty);
    }
    Found::in_text(text.expose()).credentials()
}

impl<'a> Found<'a> {
    fn in_text(text: &'a str) -> Self {
        let mut found = Self::default();
        // The labels that wait for their values, the longest waiting first.
        let mut waiting = Vec::new();
        for word in text.split(|c: char| c.is_whitespace() || BETWEEN.contains(c)) {
            found.take(word, &mut waiting);
        }
        found
    }

    fn take(&mut self, word: &'a str, waiting: &mut Vec<Label>) {
        // The end of an element is no label of what follows.
        if word.strip_prefix('/').is_some_and(|name| label_of(name).is_some()) {
            return;
        }
        let word = word.trim_start_matches(['=', ':', '-', '>', '/']);
        if word.starts_with("//") || word.contains("://") {
            self.address = true;
            return;
        }
        // `name=value`, `name:value`.
        if let Some((name, value)) = word.split_once(['=', ':'])
            && label_of(name).is_some()
        {
            self.take(name, waiting);
            return self.take(value, waiting);
        }
        let word = word.trim_end_matches(':');
        if word.is_empty() {
            return;
        }
        if let Some(label) = label_of(word) {
            self.labels = true;
            // "Basic" may stand in the table's head, and before the value once more.
            if !waiting.contains(&label) {
                waiting.push(label);
            }
            return;
        }
        if is_masked(word) {
            self.hidden = true;
            answered(waiting);
        } else if word.contains('@') && word.contains('.') {
            self.login = true;
        } else if let Some(shorter) = word.strip_suffix('…').or_else(|| word.strip_suffix("...")) {
            self.cut_off |= shorter.len() >= 4;
        } else if split_basic(word).is_some() {
            waiting.retain(|label| *label != Label::Basic);
            // Where an id or a secret is asked for, people paste what holds both.
            push(&mut self.basics, word);
        } else if is_token(word) {
            self.token = true;
            answered(waiting);
        } else if let Some((id, secret)) =
            word.split_once(':').filter(|(id, secret)| is_value(id) && is_value(secret))
        {
            push(&mut self.ids, id);
            push(&mut self.secrets, secret);
        } else if is_value(word) || !waiting.is_empty() && is_value_beside_a_label(word) {
            self.value(word, waiting);
        }
    }

    /// Gives a value to the label that waits the longest for one.
    fn value(&mut self, word: &'a str, waiting: &mut Vec<Label>) {
        let place = match answered(waiting) {
            Some(Label::Id) => &mut self.ids,
            Some(Label::Secret) => &mut self.secrets,
            Some(Label::Basic) => {
                self.bad_basic = true;
                return;
            }
            Some(Label::Token) => {
                self.token = true;
                return;
            }
            Some(Label::Hottok) => {
                self.hottok = true;
                return;
            }
            None => {
                self.repeated |= self.others.contains(&word);
                &mut self.others
            }
        };
        push(place, word);
    }

    fn credentials(self) -> Result<PastedCredentials, PastedProblem> {
        let Self { ids, secrets, basics, others, .. } = &self;
        // A date or a name with a number beside Hotmart's own two.
        let of_hotmart: Vec<_> = others.iter().copied().filter(|word| is_uuid(word)).collect();
        let others = if of_hotmart.len() == 2 { &of_hotmart } else { others };
        if ids.len() > 1 || secrets.len() > 1 || basics.len() > 1 {
            return Err(PastedProblem::Several);
        }
        let (id, secret) = (ids.first().copied(), secrets.first().copied());
        if let Some(pair) = basics.first().and_then(|basic| split_basic(basic)) {
            let differs = |value: Option<&str>, other: &str| value.is_some_and(|value| value != other);
            // Cut off before its end, it still reads as an id and a shorter secret.
            let cut = |whole: Option<&str>| {
                whole.is_some_and(|whole| {
                    whole.len() > pair.client_secret.expose().len()
                        && whole.starts_with(pair.client_secret.expose())
                })
            };
            if cut(secret)
                || pair.client_id.len() == UUID
                    && pair.client_secret.expose().len() < UUID
                    && is_uuid(&pair.client_id)
            {
                return Err(PastedProblem::CutOff);
            }
            if differs(id, &pair.client_id) || differs(secret, pair.client_secret.expose()) {
                return Err(PastedProblem::Contradiction);
            }
            if pair.client_id == pair.client_secret.expose() {
                return Err(PastedProblem::SameTwice);
            }
            return Ok(PastedCredentials {
                client_id: pair.client_id,
                client_secret: pair.client_secret,
                order_is_a_guess: false,
            });
        }
        let pair = match (id, secret, others.as_slice()) {
            (Some(id), Some(secret), _) => (id, secret, false),
            (Some(id), None, [other]) => (id, *other, false),
            (None, Some(secret), [other]) => (*other, secret, false),
            (None, None, [first, second]) => (*first, *second, true),
            _ => return Err(self.problem()),
        };
        let (client_id, client_secret, order_is_a_guess) = pair;
        if client_id == client_secret {
            return Err(PastedProblem::SameTwice);
        }
        // One of Hotmart's, and one that began like it.
        if is_uuid(client_id) != is_uuid(client_secret)
            && [client_id, client_secret].into_iter().any(is_part_of_a_uuid)
        {
            return Err(PastedProblem::CutOff);
        }
        let client_secret = Secret::new(client_secret.to_owned());
        Ok(PastedCredentials { client_id: client_id.to_owned(), client_secret, order_is_a_guess })
    }

    /// Why there is no pair, the most telling first.
    fn problem(&self) -> PastedProblem {
        let has_id = !self.ids.is_empty();
        let cases = [
            (self.hidden, PastedProblem::Hidden),
            (self.hottok, PastedProblem::Hottok),
            (self.token, PastedProblem::Token),
            (self.bad_basic, PastedProblem::BasicUnreadable),
            (self.cut_off, PastedProblem::CutOff),
            (self.others.len() > 1, PastedProblem::Several),
            (has_id, PastedProblem::SecretMissing),
            (!self.secrets.is_empty(), PastedProblem::IdMissing),
            (self.repeated, PastedProblem::SameTwice),
            (self.others.first().is_some_and(|word| is_part_of_a_uuid(word)), PastedProblem::CutOff),
            (self.others.first().is_some_and(|word| is_like_a_basic(word)), PastedProblem::BasicUnreadable),
            (self.others.len() == 1, PastedProblem::OnlyOne),
            (self.login, PastedProblem::Login),
            (self.address, PastedProblem::Address),
            (self.labels, PastedProblem::OnlyLabels),
        ];
        cases
            .into_iter()
            .find(|(is_so, _)| *is_so)
            .map_or(PastedProblem::NothingFound, |(_, problem)| problem)
    }
}

/// The label that waits the longest, which waits no more.
fn answered(waiting: &mut Vec<Label>) -> Option<Label> {
    (!waiting.is_empty()).then(|| waiting.remove(0))
}

fn push<'a>(values: &mut Vec<&'a str>, value: &'a str) {
    if !values.contains(&value) {
        values.push(value);
    }
}
