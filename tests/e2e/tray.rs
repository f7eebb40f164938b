//! The tray, and the program behind it without a window.

use serde_json::json;
use tests::{Desktop, Hotmart, TrayHost, wait_until};

#[tokio::test]
async fn measure() {
    let desktop = Desktop::start();
    let hotmart = Hotmart::start().await;
    let tray = TrayHost::start(&desktop);
    hotmart.configure_accounts(&desktop, &["main"]);
    hotmart.connect_by_hand(&desktop, "main", |_| {}).await;
    let mut settings = desktop.settings();
    settings["keep_in_tray"] = json!(true);
    desktop.write_settings(&settings);
    let child = desktop.quiet(desktop.program()).spawn().unwrap();
    tray.line("tray.open");
    println!("menu {:?}", tray.menu());
    for _ in 0..3 {
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        println!("with window: {:?}", tests::memory_of_tree(child.id()));
    }
    tests::run(desktop.command("wmctrl").args(["-F", "-c", "Hotmart Connect"]));
    for _ in 0..8 {
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        println!("without: {:?}", tests::memory_of_tree(child.id()));
    }
    println!("{}", std::fs::read_to_string(format!("/proc/{}/smaps_rollup", child.id())).unwrap());
    println!(
        "{}",
        String::from_utf8_lossy(
            &std::process::Command::new("pstree")
                .args(["-p", &child.id().to_string()])
                .output()
                .unwrap()
                .stdout
        )
    );
    let background = Desktop::start();
    let tray = TrayHost::start(&background);
    background.write_settings(&settings);
    let mut c = background.quiet(background.program()).arg("--background").spawn().unwrap();
    tray.line("tray.open");
    for _ in 0..3 {
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        println!("background: {:?}", tests::memory_of_tree(c.id()));
    }
    println!("{}", std::fs::read_to_string(format!("/proc/{}/smaps_rollup", c.id())).unwrap());
    println!("{:?} {}", std::fs::read_link(format!("/proc/{}/exe", c.id())), background.log());
    println!(
        "LS {:?}",
        std::fs::read_dir(background.program().parent().unwrap())
            .unwrap()
            .map(|f| f.unwrap().path())
            .collect::<Vec<_>>()
    );
    c.kill().unwrap();
    wait_until("x", || Some(()));
}
