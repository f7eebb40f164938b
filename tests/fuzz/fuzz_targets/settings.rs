//! Any bytes as the settings file, or as one that is imported: never a panic,
//! nothing that is lost by writing it anew, and no account lost by an import.
#![no_main]
#![allow(dead_code)] // The program uses more of the settings.

#[path = "../../../src-tauri/crates/adapters/src/settings.rs"]
mod settings;

/// This program brings no application along.
mod deployment {
    pub fn built_in_application() -> Option<connection::BuiltInApplication> {
        None
    }
}

use libfuzzer_sys::fuzz_target;
use settings::Settings;

fuzz_target!(|bytes: &[u8]| {
    let mut own = Settings::default();
    let text = String::from_utf8_lossy(bytes);
    if let Ok(count) = own.import(&text) {
        assert_eq!(own.accounts.len(), count);
        let ids: std::collections::BTreeSet<_> = own.accounts.iter().map(|account| &account.id).collect();
        assert_eq!(ids.len(), count, "no two accounts have one id");
        assert_eq!(own.import(&text), Ok(0), "what is here already is not taken again");
    }
    let Ok(mut read) = Settings::parse(bytes) else { return };
    let written = serde_json::to_vec_pretty(&read).expect("it is JSON");
    let again = Settings::parse(&written).expect("what was written can be read");
    assert_eq!((&again.accounts, &again.language, again.zoom), (&read.accounts, &read.language, read.zoom));
    assert_eq!(again.current_account, read.current_account);
    if let Some(account) = again.accounts.first() {
        read.put(account.clone());
        read.move_to(&account.id, usize::from(bytes[0]));
        read.remove(&account.id);
        assert!(read.account(&account.id).is_none() && read.current_account.as_ref() != Some(&account.id));
    }
});
