//! Bad surroundings: files that are none, odd homes, small limits, programs
//! that stand still, other users of the machine.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use adapters::Directories;
use serde_json::{Value, json};
use tests::{App, Connecting, Desktop, Hotmart, Told, answer_by_hand, run, says, wait_until};

/// Nothing that is not waited for on purpose takes longer.
const SOON: Duration = Duration::from_secs(20);
/// Waiting is no work.
const CPU_SECONDS: f64 = 3.0;
/// A user of the machine who is nobody here.
const ANOTHER_USER: &str = "61234";

fn pipe(path: &Path) {
    run(Command::new("mkfifo").arg(path));
}

/// A command of another user of this machine.
fn as_another_user(command: &Command) -> Command {
    let identity = run(Command::new("id").arg("-u"));
    let mut other = Command::new(if identity.trim() == "0" { "setpriv" } else { "sudo" });
    other.env_clear().envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    if identity.trim() != "0" {
        other.args(["-nE", "setpriv"]);
    }
    other.args(["--reuid", ANOTHER_USER, "--regid", ANOTHER_USER, "--clear-groups"]);
    other.arg(command.get_program()).args(command.get_args());
    other
}

/// Everything below a folder, the folder itself too.
fn all_below(folder: &Path) -> Vec<std::path::PathBuf> {
    let inside = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let deeper = inside.flat_map(|path| if path.is_dir() { all_below(&path) } else { vec![path] });
    std::iter::once(folder.to_owned()).chain(deeper).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_that_are_a_pipe_a_folder_or_a_giant_are_said_and_kept() {
    let (desktop, hotmart) = (Desktop::start(), Hotmart::start().await);
    hotmart.configure_accounts(&desktop, &["main"]);
    hotmart.connect_by_hand(&desktop, "main", |_| {}).await;
    let token = desktop.token(&[]).quietly().to_owned();
    let (path, good) = (desktop.settings_file(), std::fs::read(desktop.settings_file()).unwrap());
    let makes: [(&str, &dyn Fn()); 4] = [
        ("a pipe", &|| pipe(&path)),
        ("a folder", &|| std::fs::create_dir(&path).unwrap()),
        ("5 MB", &|| std::fs::write(&path, " ".repeat(5 * 1024 * 1024)).unwrap()),
        ("a link to nothing that loops", &|| std::os::unix::fs::symlink(&path, &path).unwrap()),
    ];
    for (what, make) in makes {
        let _ = std::fs::remove_file(&path).or_else(|_| std::fs::remove_dir(&path));
        make();
        let started = Instant::now();
        let told = desktop.token(&[]);
        assert!(told.code == 1 && told.words.contains("settings.json"), "{what}: {told:?}");
        assert!(started.elapsed() < SOON, "{what}");
    }
    // Kept in another place by its owner: it is used, and stays there.
    std::fs::remove_file(&path).unwrap();
    let elsewhere = desktop.home().join("dotfiles.json");
    std::fs::write(&elsewhere, &good).unwrap();
    std::os::unix::fs::symlink(&elsewhere, &path).unwrap();
    assert_eq!(desktop.token(&[]).quietly(), token);
    assert!(path.is_symlink());

    // A clock's note that is a pipe is no note.
    let note = desktop.home().join(".local/share/app.hotmart-connect/clocks/main.json");
    let _ = std::fs::remove_file(&note);
    std::fs::create_dir_all(note.parent().unwrap()).unwrap();
    pipe(&note);
    assert_eq!(desktop.token(&[]).quietly(), token);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_home_of_any_name_works_and_its_secrets_are_its_own() {
    let (desktop, hotmart) = (Desktop::start(), Hotmart::start().await);
    hotmart.configure_accounts(&desktop, &["main"]);
    hotmart.connect_by_hand(&desktop, "main", |_| {}).await;
    let usual = desktop.token(&[]).quietly().to_owned();
    let settings = std::fs::read(desktop.settings_file()).unwrap();
    for name in
        ["with space", "it's \"quoted\"", "100%", "two\nlines", "São João", "家庭", "-dash", "a;b&c|d"]
    {
        let home = desktop.home().join(name);
        std::fs::create_dir_all(&home).unwrap();
        std::fs::write(home.join("settings.json"), &settings).unwrap();
        let told = Told::by(desktop.token_program(&[]).env("HOTMART_CONNECT_HOME", &home));
        assert_eq!(told.code, 3, "{name:?}: another home's session is not this one's: {told:?}");
        let prefix = Directories::under(&home).keyring_prefix();
        let kept = desktop.secret("main/tokens").unwrap();
        desktop.put_secret(&format!("{prefix}main/tokens"), &kept);
        desktop.put_secret(
            &format!("{prefix}main/client-secret"),
            &desktop.secret("main/client-secret").unwrap(),
        );
        let told = Told::by(desktop.token_program(&[]).env("HOTMART_CONNECT_HOME", &home));
        assert_eq!(told.quietly(), usual, "{name:?}");
        desktop.forget_secret(&format!("{prefix}main/tokens"));
        desktop.forget_secret(&format!("{prefix}main/client-secret"));

        // The same as the user's own home.
        std::fs::create_dir_all(home.join(".config/app.hotmart-connect")).unwrap();
        std::fs::write(home.join(".config/app.hotmart-connect/settings.json"), &settings).unwrap();
        let mut program = desktop.token_program(&[]);
        program.env("HOME", &home).env_remove("XDG_CONFIG_HOME").env_remove("XDG_DATA_HOME");
        assert_eq!(Told::by(&mut program).quietly(), usual, "{name:?}");
    }
    assert_eq!(desktop.token(&[]).quietly(), usual);
}

#[tokio::test(flavor = "multi_thread")]
async fn in_a_folder_that_takes_nothing_and_with_small_limits_it_says_so_and_loses_nothing() {
    let (desktop, hotmart) = (Desktop::start(), Hotmart::start().await);
    hotmart.configure_accounts(&desktop, &["main"]);
    hotmart.connect_by_hand(&desktop, "main", |_| {}).await;
    let token = desktop.token(&[]).quietly().to_owned();
    let data = desktop.home().join(".local/share/app.hotmart-connect");
    std::fs::remove_dir_all(&data).unwrap();
    // Root may write anywhere, but nobody below a file.
    std::fs::write(&data, "").unwrap();
    assert_eq!(desktop.token(&[]).quietly(), token);
    let told = desktop.token(&["--renew"]);
    assert!(told.code == 1 && says(&told.words, "error.lock_unavailable"), "{told:?}");
    assert_eq!(hotmart.refreshes(), 0, "without the lock nothing is asked for");
    std::fs::remove_file(&data).unwrap();

    let descriptors = [8, 12, 16, 20, 24, 28].map(|count| format!("ulimit -n {count}"));
    // At a hundred and some megabytes the library of the keyring would break off in a thread that cannot start.
    let memory =
        [20, 60, 100, 104, 150, 200, 300].map(|megabytes| format!("ulimit -v {}", megabytes * 1_000));
    let others = ["ulimit -f 0", "ulimit -s 64", "ulimit -u 1"].map(str::to_owned);
    for limit in descriptors.into_iter().chain(memory).chain(others) {
        let started = Instant::now();
        let measured = || Told::measured(&desktop.token_program(&["--renew"]), &limit);
        let (mut told, mut cpu) = measured();
        if cpu >= CPU_SECONDS {
            // With hardly any memory a machine that is busy besides is slow. What goes in a circle does so again.
            (told, cpu) = measured();
        }
        assert!(started.elapsed() < SOON * 2 && cpu < CPU_SECONDS, "{limit}: {cpu} s, {told:?}");
        assert!(!told.words.contains("panicked"), "{limit}: {told:?}");
        // Without the memory to start, the system's loader or allocator ends it.
        assert!([0, 1, 5, 7, 8].contains(&told.code) || told.code > 100, "{limit}: {told:?}");
        let said =
            told.code != 1 || !limit.contains("-v") || says(&told.words, "cli.failure.too_little_memory");
        assert!(said, "{limit}: {told:?}");
    }
    // Just above what is refused there is enough, however the system places what it needs.
    for _ in 0..5 {
        let enough = Told::measured(&desktop.token_program(&["--renew"]), "ulimit -v 391000").0;
        assert_eq!(enough.code, 0, "{enough:?}");
    }
    assert_eq!(desktop.token(&["--renew"]).code, 0, "nothing was lost");
}

#[tokio::test(flavor = "multi_thread")]
async fn in_the_language_of_programs_and_in_unknown_ones_it_speaks_english() {
    let desktop = Desktop::start();
    for (language, word) in
        [("C", "Connect"), ("POSIX", "Connect"), ("fi_FI.UTF-8", "Connect"), ("pt_PT", "Conecte")]
    {
        let mut program = desktop.token_program(&["--help"]);
        let told = Told::by(program.env("LANG", language));
        let english = told.answer.contains("Prints a working Hotmart access token");
        assert_eq!(english, word == "Connect", "{language}: {told:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_stands_still_is_said_to_by_the_next_start() {
    let desktop = Desktop::start();
    let app = App::start(&desktop).await;
    app.wait_for_state("unconfigured").await;
    let name = desktop.program().to_string_lossy().into_owned();
    let signal = |signal: &str| drop(Command::new("pkill").args([signal, "-f", &name]).status());
    signal("-STOP");
    let started = Instant::now();
    let told = Told::by(
        desktop.command(desktop.program()).arg("app.hotmart-connect:/oauth/callback?code=x&state=y"),
    );
    signal("-CONT");
    assert!(started.elapsed() < SOON, "{:?}", started.elapsed());
    assert!(says(&told.words, "hangs.title"), "{told:?}");
    app.wait_for_state("unconfigured").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn other_users_of_the_machine_read_nothing() {
    let (desktop, hotmart) = (Desktop::start(), Hotmart::start().await);
    hotmart.configure_accounts(&desktop, &["main"]);
    let data = desktop.home().join(".local/share/app.hotmart-connect");
    // What an earlier version made, which all could read.
    std::fs::create_dir_all(data.join("logs")).unwrap();
    std::fs::write(data.join("logs/hotmart-token.log"), "old\n").unwrap();
    for path in [&data, &data.join("logs"), &data.join("logs/hotmart-token.log")] {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    hotmart.connect_by_hand(&desktop, "main", tests::expired).await;
    assert_eq!(desktop.token(&[]).code, 0);
    for path in all_below(&data) {
        let mode = path.symlink_metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{}: {mode:o}", path.display());
    }

    // Neither a core file nor the argument of a process.
    let program = desktop.token_program(&["connect", "--again", "--no-browser"]);
    let connecting = Connecting::start(program);
    let process = run(Command::new("pgrep").args(["-n", "-f", "hotmart-token connect --again"]));
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", process.trim())).unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert_eq!(core.split_whitespace().nth(4), Some("0"), "{core}");
    connecting.interrupt();
    drop(connecting);
    let ours = run(Command::new("bash").args(["-c", "ulimit -Sc"]));
    let told = desktop.token(&["exec", "--", "bash", "-c", "ulimit -Sc"]);
    assert_eq!(told.quietly(), ours.trim(), "a program that is run has the limit it would have had");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_users_of_one_machine_neither_see_nor_disturb_each_other() {
    let (desktop, hotmart) = (Desktop::start(), Hotmart::start().await);
    hotmart.configure_accounts(&desktop, &["main"]);
    hotmart.connect_by_hand(&desktop, "main", tests::expired).await;
    let token = desktop.token(&[]).quietly().to_owned();
    // A home that anybody may enter, as some systems make them.
    for folder in ["", ".config", ".local", ".local/share", "run"] {
        let open = std::fs::Permissions::from_mode(0o777);
        std::fs::set_permissions(desktop.home().join(folder), open).unwrap();
    }
    let shared = tempfile::tempdir().unwrap();
    std::fs::set_permissions(shared.path(), std::fs::Permissions::from_mode(0o777)).unwrap();
    let program = shared.path().join("hotmart-token");
    std::fs::copy(desktop.program().with_file_name("hotmart-token"), &program).unwrap();

    let folders = [".config/app.hotmart-connect", ".local/share/app.hotmart-connect"];
    let before: Vec<_> = folders.iter().flat_map(|folder| all_below(&desktop.home().join(folder))).collect();
    assert!(before.len() > 5, "{before:?}");
    let mut find = Command::new("find");
    find.args(folders.map(|folder| desktop.home().join(folder)));
    let reached = Told::by(&mut as_another_user(find.args(["-type", "f", "-readable"])));
    assert_eq!(reached.answer, "", "{reached:?}");

    // With all that the first user's programs know, the other one's get nothing and change nothing.
    for theirs in [desktop.home().to_owned(), desktop.home().join(folders[1])] {
        for arguments in [vec!["--renew"], vec!["status"], vec!["disconnect"]] {
            let mut command = desktop.command(&program);
            command.args(arguments).env("HOTMART_CONNECT_HOME", &theirs);
            let told = Told::by(&mut as_another_user(&command));
            assert!([0, 1, 3, 7, 8].contains(&told.code) && !told.words.contains("panicked"), "{told:?}");
            assert!(told.code != 0 || says(&told.answer, "cli.failure.no_credentials"), "{told:?}");
        }
    }
    let mut command = desktop.command(&program);
    let told = Told::by(&mut as_another_user(command.env("HOTMART_CONNECT_LOG", "off")));
    assert!(told.code != 0 && !told.answer.contains(&token), "{told:?}");
    // One with a home of their own is not held up by what the first user does.
    let mut own = desktop.command(&program);
    own.env("HOME", shared.path()).env_remove("XDG_CONFIG_HOME").env_remove("XDG_DATA_HOME");
    let told = Told::by(&mut as_another_user(own.arg("status")));
    assert!(told.code == 0 && says(&told.answer, "cli.failure.no_credentials"), "{told:?}");
    let after: Vec<_> = folders.iter().flat_map(|folder| all_below(&desktop.home().join(folder))).collect();
    assert_eq!(after, before);
    assert_eq!(desktop.token(&[]).quietly(), token);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_opener_of_the_browser_that_stands_still_holds_nobody_up() {
    let (desktop, hotmart) = (Desktop::start(), Hotmart::start().await);
    hotmart.configure_accounts(&desktop, &["main"]);
    let folder = desktop.home().join("openers");
    std::fs::create_dir_all(&folder).unwrap();
    for opener in ["xdg-open", "gio", "gnome-open", "kde-open", "wslview"] {
        let path = folder.join(opener);
        std::fs::write(&path, "#!/bin/sh\nkill -STOP $$\n").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap());
    let started = Instant::now();
    let mut program = desktop.token_program(&["connect"]);
    program.env("PATH", &path);
    let mut connecting = Connecting::start(program);
    let address = answer_by_hand(&connecting.link, "allow").await;
    connecting.paste(&address);
    assert_eq!(connecting.end(), 0);
    assert!(started.elapsed() < SOON, "{:?}", started.elapsed());

    let app = App::start_with_path(&desktop, &folder).await;
    app.wait_for_state("connected").await;
    app.click("disconnect").await;
    app.click("disconnect-now").await;
    app.wait_for_state("disconnected").await;
    app.click("connect").await;
    app.wait_for_state("awaiting_browser").await;
    app.click("cancel").await;
    app.wait_for_state("disconnected").await;
    let _ = Command::new("pkill").args(["-KILL", "-f", &folder.to_string_lossy()]).status();
}

#[test]
fn no_example_puts_a_token_where_others_read_it() {
    let desktop = Desktop::start();
    let help = desktop.token(&["--help"]).answer;
    assert!(help.contains("curl --config -") && !help.contains("$(hotmart-token"), "{help}");
}

#[test]
fn practice_hotmart_says_what_it_takes() {
    let told = Told::by(Command::new(tests::built_programs().join("practice")).arg("--help"));
    assert!(told.code == 0 && told.answer.contains("Usage: practice"), "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_secret_is_not_kept_and_another_one_can_be_given() {
    let (desktop, hotmart) = (Desktop::start(), Hotmart::start().await);
    desktop.write_settings(&json!({ "version": 1, "language": "pt-BR", "accounts": [{
        "id": "main", "environment": "hotmart", "grant_type": "client_credentials", "client_id": tests::DEVELOPER_ID,
    }] }));
    let connect = |arguments: &[&str], secret: &str| {
        let all = [&["connect"], arguments].concat();
        let mut program = desktop.token_program(&all);
        program.stdin(Stdio::piped()).env("HOTMART_CONNECT_STAND_IN", hotmart.url().as_str());
        Told::by_with_input(&mut program, &format!("{secret}\n"))
    };
    let told = connect(&[], "wrong");
    assert!(told.code == 10 && says(&told.words, "cli.how_to_change_secret"), "{told:?}");
    assert_eq!(desktop.secret("main/client-secret"), None, "a wrong one is not kept");
    let told = connect(&[], tests::CLIENT_SECRET);
    assert_eq!(told.code, 0, "it is asked for again: {told:?}");
    // Replaced at Hotmart: the one that is kept is refused, and a new one can be typed.
    let kept = desktop.secret("main/client-secret").unwrap();
    desktop.put_secret("main/client-secret", &kept.replace(tests::CLIENT_SECRET, "replaced"));
    assert_eq!(connect(&["--again"], "").code, 10);
    // A person at a terminal is asked; a script's next line may be something else.
    let program = desktop.token_program(&[]);
    let line = format!(
        "'{}' connect --again --client-id {}",
        program.get_program().to_string_lossy(),
        tests::DEVELOPER_ID
    );
    let mut terminal = desktop.command("script");
    terminal.args(["-qec", &line, "/dev/null"]).stdin(Stdio::piped());
    terminal.env("HOTMART_CONNECT_STAND_IN", hotmart.url().as_str());
    let told = Told::by_with_input(&mut terminal, &format!("{}\n", tests::CLIENT_SECRET));
    assert_eq!(told.code, 0, "{told:?}");
    let mut program = desktop.token_program(&["disconnect"]);
    let told = Told::by(program.env("HOTMART_CONNECT_STAND_IN", hotmart.url().as_str()));
    assert!(told.code == 0 && says(&told.words, "cli.secret_stays"), "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_at_a_terminal_is_told_what_is_waited_for() {
    let (desktop, hotmart) = (Desktop::start(), Hotmart::start().await);
    hotmart.configure_accounts(&desktop, &["main"]);
    hotmart.connect_by_hand(&desktop, "main", |_| {}).await;
    hotmart.practice().slow_down_token_endpoint(Duration::from_secs(5));
    let program = desktop.token_program(&["--renew"]);
    let line = format!("'{}' --renew", program.get_program().to_string_lossy());
    let mut terminal = desktop.command("script");
    let told = Told::by(terminal.args(["-qec", &line, "/dev/null"]));
    assert!(says(&told.answer, "cli.waiting.server"), "{told:?}");
    assert!(desktop.token(&["--renew"]).words.is_empty(), "a script is told nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_that_was_begun_in_the_terminal_may_come_back_to_the_window() {
    let (desktop, hotmart) = (Desktop::start(), Hotmart::start().await);
    hotmart.configure_accounts(&desktop, &["main"]);
    hotmart.connect_by_hand(&desktop, "main", |_| {}).await;
    let app = App::start(&desktop).await;
    app.wait_for_state("connected").await;
    let mut connecting = Connecting::start(desktop.token_program(&["connect", "--again", "--no-browser"]));
    let address = answer_by_hand(&connecting.link, "allow").await;
    desktop.open_link(&address);
    assert_eq!(connecting.end(), 0, "the command sees that the window took the answer");
    app.wait_for_sentence("notice.came_back_link").await;
    assert_eq!(hotmart.exchanges(), 2);
    let new: Value = tests::record(&desktop, "main/tokens").unwrap();
    assert_eq!(new["access_token"], hotmart.access_tokens()[1].as_str());
}

#[tokio::test(flavor = "multi_thread")]
async fn idle_connections_of_others_keep_practice_hotmart_from_nobody() {
    let hotmart = Hotmart::start().await;
    let address = hotmart.url().socket_addrs(|| None).unwrap()[0];
    let idle: Vec<_> = (0..200).map(|_| std::net::TcpStream::connect(address).unwrap()).collect();
    let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(30)).build().unwrap();
    let asked = client.get(hotmart.url().join("oidc/.well-known/openid-configuration").unwrap()).send();
    assert_eq!(asked.await.unwrap().status().as_u16(), 200);
    drop(idle);
    wait_until("they are hung up on", || std::net::TcpStream::connect(address).ok());
}
