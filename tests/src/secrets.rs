//! A desktop's secrets, as another program would read and write them.

use std::process::Stdio;

use crate::desktop::Desktop;
use crate::process::run;

impl Desktop {
    /// Stores a record under our service and this name, as another program would.
    pub fn put_secret(&self, name: &str, record: &str) {
        let mut store = self.command("secret-tool");
        store.args(["store", "--label", &format!("Hotmart Connect ({name})")]);
        store.args(["service", "app.hotmart-connect", "username", name]).stdin(Stdio::piped());
        let mut child = store.spawn().expect("secret-tool runs");
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), record.as_bytes()).unwrap();
        assert!(child.wait().unwrap().success(), "{name} was not stored");
    }

    /// Deletes a record, as another program would.
    pub fn forget_secret(&self, name: &str) {
        run(self.command("secret-tool").args(["clear", "service", "app.hotmart-connect", "username", name]));
    }

    /// What `secret-tool` finds under our service and this name.
    pub fn secret(&self, name: &str) -> Option<String> {
        let mut lookup = self.command("secret-tool");
        lookup.args(["lookup", "service", "app.hotmart-connect", "username", name]);
        let output = lookup.output().expect("secret-tool runs");
        let text = String::from_utf8(output.stdout).expect("the secret is text");
        output.status.success().then_some(text).filter(|text| !text.is_empty())
    }
}
