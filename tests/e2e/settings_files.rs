//! The settings, and their file: nothing in it is ever lost.

use adapters::{Settings, SettingsFile, SettingsProblem};
use connection::{AccountId, AccountSettings, Environment};

fn with_accounts(ids: &[&str]) -> Settings {
    let account = |id: &&str| AccountSettings {
        client_id: (*id).to_owned(),
        ..AccountSettings::new(AccountId::parse(id).unwrap(), Environment::Hotmart)
    };
    let mut settings = Settings::default();
    settings.accounts = ids.iter().map(account).collect();
    settings
}

fn ids(settings: &Settings) -> Vec<&str> {
    settings.accounts.iter().map(|account| account.id.as_str()).collect()
}

#[test]
fn accounts_are_moved_renamed_and_removed_and_the_default_is_its_own_choice() {
    let id = |text| AccountId::parse(text).unwrap();
    let mut settings = with_accounts(&["a", "b", "c"]);
    settings.move_to(&id("c"), 0);
    assert_eq!(ids(&settings), ["c", "a", "b"]);
    settings.move_to(&id("c"), 99);
    assert_eq!(ids(&settings), ["a", "b", "c"]);
    settings.rename(&id("b"), "  Loja \n da   Bia ");
    assert_eq!(settings.account(&id("b")).unwrap().label(), "Loja da Bia");
    settings.rename(&id("b"), " ");
    assert_eq!(settings.account(&id("b")).unwrap().label(), "b");

    settings.put(AccountSettings::new(id("b"), Environment::Sandbox));
    settings.move_to(&id("b"), 0);
    settings.move_to(&id("b"), 1);
    assert_eq!(settings.default_account().unwrap().id, id("a"), "looking at another changes no script");
    settings.default_account = Some(id("b"));
    let next = settings.next_default_account().map(|account| account.id.clone());
    settings.remove(&id("b"));
    assert_eq!(settings.default_account().map(|account| account.id.clone()), next);
    assert_eq!((settings.current_account.clone(), settings.default_account.clone()), (None, None));
    assert_eq!(ids(&settings), ["a", "c"]);
    assert_eq!(settings.free_id("a"), Some(id("a-2")));
    let mut practising = with_accounts(&["real"]);
    practising.accounts.insert(0, AccountSettings::new(id("practice"), Environment::Practice));
    assert_eq!(practising.default_account().unwrap().id, id("real"));
}

#[test]
fn another_machines_accounts_join_those_that_are_here() {
    let mut settings = with_accounts(&["main", "shop"]);
    let mut other = with_accounts(&["main", "shop", "new"]);
    other.accounts[1].client_id = "another".into();
    other.accounts.push(AccountSettings::new(AccountId::parse("practice").unwrap(), Environment::Practice));
    let text = serde_json::to_string(&other).unwrap();
    assert_eq!(settings.import(&text), Ok(2));
    assert_eq!(ids(&settings), ["main", "shop", "shop-2", "new"]);
    assert_eq!(settings.import(&text), Ok(0), "a second time nothing is new");
    for (text, problem) in [
        ("", SettingsProblem::Broken),
        ("<html>", SettingsProblem::Broken),
        (r#"{"version":9}"#, SettingsProblem::FromTheFuture),
    ] {
        assert_eq!(settings.import(text), Err(problem));
    }
    assert_eq!(settings.accounts.len(), 4);
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

#[test]
fn no_file_means_defaults_and_no_problem() {
    let folder = folder();
    let (file, settings) = SettingsFile::open(folder.path().join("settings.json"));
    assert_eq!(settings, Settings::default());
    assert_eq!(file.problem(), None);
}

#[test]
fn what_is_saved_is_read_again_with_what_this_version_does_not_know() {
    let folder = folder();
    let path = folder.path().join("settings.json");
    std::fs::write(&path, r#"{"version":1,"accounts":[],"window":{"width":420}}"#).unwrap();
    let (mut file, known) = SettingsFile::open(path.clone());
    let settings = file.change(known, |settings| settings.language = Some("es".into())).unwrap();
    let (_, again) = SettingsFile::open(path.clone());
    assert_eq!((again.language.as_deref(), &again), (Some("es"), &settings));
    assert!(std::fs::read_to_string(&path).unwrap().contains("420"));
}

#[test]
fn an_unusable_file_is_told_apart_and_kept_beside_the_new_one() {
    for (content, problem) in [
        (&b"{ not json"[..], SettingsProblem::Broken),
        (b"", SettingsProblem::Broken),
        (b"\xFF\xFE\x00", SettingsProblem::Broken),
        (br#"{"version":1,"accounts":[{"id":"../x","environment":"hotmart"}]}"#, SettingsProblem::Broken),
        (br#"{"version":2,"accounts":"new"}"#, SettingsProblem::FromTheFuture),
    ] {
        let folder = folder();
        let path = folder.path().join("settings.json");
        std::fs::write(&path, content).unwrap();
        let (mut file, settings) = SettingsFile::open(path.clone());
        assert_eq!(file.problem(), Some(problem));
        assert_eq!(std::fs::read(&path).unwrap(), content, "opening changes nothing");

        file.change(settings.clone(), |_| {}).unwrap();
        assert_eq!(file.problem(), None);
        assert_eq!(std::fs::read(folder.path().join("settings.json.kept-1")).unwrap(), content);
        assert_eq!(SettingsFile::open(path).0.problem(), None);
    }
}

#[test]
fn a_file_that_was_damaged_or_changed_after_it_was_opened_is_not_lost_either() {
    let folder = folder();
    let path = folder.path().join("settings.json");
    let (mut file, settings) = SettingsFile::open(path.clone());
    assert_eq!(file.read_again(), None, "there is no file yet");
    std::fs::write(&path, "{ half").unwrap();
    file.change(settings.clone(), |_| {}).unwrap();
    assert_eq!(std::fs::read(folder.path().join("settings.json.kept-1")).unwrap(), b"{ half");

    std::fs::write(&path, r#"{"version":1,"language":"es"}"#).unwrap();
    assert_eq!(file.read_again().unwrap().language.as_deref(), Some("es"));
}

#[test]
fn a_file_that_cannot_be_read_is_kept_too() {
    let folder = folder();
    let path = folder.path().join("settings.json");
    std::fs::create_dir(&path).unwrap();
    let (mut file, settings) = SettingsFile::open(path.clone());
    assert_eq!(file.problem(), Some(SettingsProblem::Unreadable));
    file.change(settings.clone(), |_| {}).unwrap();
    assert!(folder.path().join("settings.json.kept-1").is_dir());
    assert!(path.is_file());
}

#[test]
fn a_save_that_fails_leaves_the_old_file() {
    let folder = folder();
    let path = folder.path().join("settings.json");
    let (mut file, settings) = SettingsFile::open(path.clone());
    file.change(settings.clone(), |_| {}).unwrap();
    let before = std::fs::read(&path).unwrap();
    // Below a file there can be no file.
    let (mut elsewhere, _) = SettingsFile::open(path.join("settings.json"));
    assert!(elsewhere.change(settings, |settings| settings.language = Some("es".into())).is_err());
    assert_eq!(std::fs::read(&path).unwrap(), before);
}
