//! Answers of the API, in the forms that other programs read.

use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::ArgMatches;
use serde_json::{Map, Value, json};

use crate::failure::Failure;
use crate::terminal;

/// What a spreadsheet would take for the beginning of a formula (CSV injection, CWE-1236).
const FORMULAS: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// What a spreadsheet tells a file of UTF-8 from, accents and all.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// How the items of a list are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// As the API sent it, or all pages' items in one object.
    Whole,
    /// One JSON object on each line.
    Ndjson,
    /// A table (RFC 4180), with a line of names.
    Csv,
}

impl Form {
    pub fn of(matches: &ArgMatches) -> Self {
        match (matches.get_flag("ndjson"), matches.get_flag("csv")) {
            (true, _) => Self::Ndjson,
            (_, true) => Self::Csv,
            _ => Self::Whole,
        }
    }
}

/// Where an answer is written: standard output, or a file.
pub struct Destination(Option<PathBuf>);

impl Destination {
    pub fn of(matches: &ArgMatches) -> Self {
        Self(matches.get_one::<PathBuf>("output").filter(|path| path.as_os_str() != "-").cloned())
    }

    /// Writes an answer as it is.
    pub fn write(&self, answer: &[u8]) -> Result<(), Failure> {
        match &self.0 {
            Some(path) => Ok(adapters::write_for_others(path, answer)?),
            None => Ok(terminal::answer(answer)?),
        }
    }

    /// Writes the items of a list.
    pub fn write_items(&self, form: Form, items: &[Value]) -> Result<(), Failure> {
        let text = match form {
            Form::Whole => format!("{}\n", json!({ "items": items })).into_bytes(),
            Form::Ndjson => items.iter().flat_map(|item| format!("{item}\n").into_bytes()).collect(),
            Form::Csv if self.0.is_some() => [BYTE_ORDER_MARK, &table(items)?].concat(),
            Form::Csv => table(items)?,
        };
        self.write(&text)
    }
}

/// A table with a column for each value, named by the way to it: `purchase.price.value`.
fn table(items: &[Value]) -> Result<Vec<u8>, Failure> {
    let rows: Vec<Map<String, Value>> = items.iter().map(flat).collect();
    // In the order of their names, whatever comes first: a script finds them where they were.
    let columns: BTreeSet<&str> = rows.iter().flat_map(Map::keys).map(String::as_str).collect();
    let mut writer = csv::Writer::from_writer(Vec::new());
    let broken = |error: csv::Error| Failure::Output(error.into());
    if !columns.is_empty() {
        writer.write_record(&columns).map_err(broken)?;
    }
    for row in &rows {
        writer.write_record(columns.iter().map(|name| cell(row.get(*name)))).map_err(broken)?;
    }
    writer.into_inner().map_err(|error| Failure::Output(error.into_error()))
}

fn flat(item: &Value) -> Map<String, Value> {
    let mut row = Map::new();
    flatten(String::new(), item, &mut row);
    row
}

fn flatten(name: String, value: &Value, row: &mut Map<String, Value>) {
    match value {
        Value::Object(members) if !members.is_empty() => {
            for (member, value) in members {
                let name = if name.is_empty() { member.clone() } else { format!("{name}.{member}") };
                flatten(name, value, row);
            }
        }
        _ => {
            let name = if name.is_empty() { "value".to_owned() } else { name };
            row.insert(name, value.clone());
        }
    }
}

/// A buyer may call themselves whatever they like, also `=HYPERLINK(…)`: what a
/// spreadsheet would calculate begins with an apostrophe, which it takes for text.
fn cell(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) if text.starts_with(FORMULAS) => format!("'{text}"),
        Some(Value::String(text)) => text.clone(),
        Some(value) => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_has_every_value_in_the_column_of_its_name() {
        let items = [
            json!({ "buyer": { "name": "Ana, \"a\" Boa" }, "price": -1.5, "tags": ["a", "b"] }),
            json!({ "price": 2, "note": null, "buyer": { "name": "=HYPERLINK(\"http://x\")", "phone": "+55 11" } }),
            json!("alone"),
        ];
        let text = String::from_utf8(table(&items).unwrap()).unwrap();
        assert_eq!(
            text,
            "buyer.name,buyer.phone,note,price,tags,value\n\
             \"Ana, \"\"a\"\" Boa\",,,-1.5,\"[\"\"a\"\",\"\"b\"\"]\",\n\
             \"'=HYPERLINK(\"\"http://x\"\")\",'+55 11,,2,,\n\
             ,,,,,alone\n"
        );
        assert!(table(&[]).unwrap().is_empty());
    }
}
