//! What a screen reader is told: the tree that the window's own toolkit builds.

use serde_json::json;
use tests::{App, Desktop, DesktopOptions, Hotmart, pt, pt_with, wait_until};
use zbus::blocking::Connection;
use zbus::zvariant::{OwnedObjectPath, OwnedValue};

const REGISTRY: &str = "org.a11y.atspi.Registry";
const ROOT: &str = "/org/a11y/atspi/accessible/root";
const PAGE: &str = "/org/a11y/webkit/accessible";
const ACCESSIBLE: &str = "org.a11y.atspi.Accessible";
const DEEPEST: usize = 40;

/// A role, as the interface numbers them, and a name.
type Node = (u32, String);

const CHECK_BOX: &[u32] = &[7];
const COMBO_BOX: &[u32] = &[11];
const FRAME: &[u32] = &[23];
/// Pressed once, or opening something.
const BUTTON: &[u32] = &[43, 62];
const ENTRY: &[u32] = &[40, 79];
const HEADING: &[u32] = &[83];

/// Reads the accessibility bus: the window's own part, and the page's, which
/// WebKit's web process serves itself.
struct Reader {
    bus: Connection,
    page: Option<(String, String)>,
}

impl Reader {
    fn on(desktop: &Desktop) -> Self {
        let session = zbus::blocking::connection::Builder::address(desktop.bus()).unwrap().build().unwrap();
        let address = wait_until("the accessibility bus is there", || {
            let answer = session.call_method(
                Some("org.a11y.Bus"),
                "/org/a11y/bus",
                Some("org.a11y.Bus"),
                "GetAddress",
                &(),
            );
            answer.ok()?.body().deserialize::<String>().ok()
        });
        let on = ("org.a11y.Status", "IsEnabled", zbus::zvariant::Value::from(true));
        let properties = Some("org.freedesktop.DBus.Properties");
        session.call_method(Some("org.a11y.Bus"), "/org/a11y/bus", properties, "Set", &on).unwrap();
        let bus = zbus::blocking::connection::Builder::address(address.as_str()).unwrap().build().unwrap();
        Self { bus, page: None }
    }

    /// Waits for the page. Before it is read, its root is all there is of it.
    fn find_the_page(&mut self) {
        let own = "org.freedesktop.DBus";
        self.page = Some(wait_until("the page can be read", || {
            let names =
                self.bus.call_method(Some(own), "/org/freedesktop/DBus", Some(own), "ListNames", &()).ok()?;
            let names: Vec<String> = names.body().deserialize().ok()?;
            let process = names
                .into_iter()
                .find(|name| name.starts_with("org.webkit.") && name.contains("WebProcess"))?;
            let introspectable = Some("org.freedesktop.DBus.Introspectable");
            let below =
                self.bus.call_method(Some(process.as_str()), PAGE, introspectable, "Introspect", &()).ok()?;
            let below: String = below.body().deserialize().ok()?;
            let root = below.split("<node name=\"").nth(1)?.split('"').next()?.to_owned();
            Some((process, format!("{PAGE}/{root}")))
        }));
    }

    /// Everything there is to read.
    fn tree(&self) -> Vec<Node> {
        let mut nodes = Vec::new();
        self.read(REGISTRY, ROOT, 0, &mut nodes);
        if let Some((process, root)) = &self.page {
            self.read(process, root, 0, &mut nodes);
        }
        nodes
    }

    fn read(&self, owner: &str, path: &str, depth: usize, nodes: &mut Vec<Node>) {
        let call = |method: &str| self.bus.call_method(Some(owner), path, Some(ACCESSIBLE), method, &()).ok();
        let role = call("GetRole").and_then(|answer| answer.body().deserialize().ok()).unwrap_or_default();
        nodes.push((role, self.name(owner, path)));
        let Some(children) = call("GetChildren").filter(|_| depth < DEEPEST) else { return };
        let children: Vec<(String, OwnedObjectPath)> = children.body().deserialize().unwrap_or_default();
        for (owner, path) in children {
            self.read(&owner, path.as_str(), depth + 1, nodes);
        }
    }

    fn name(&self, owner: &str, path: &str) -> String {
        let properties = Some("org.freedesktop.DBus.Properties");
        let answer = self.bus.call_method(Some(owner), path, properties, "Get", &(ACCESSIBLE, "Name"));
        let value = answer.ok().and_then(|answer| answer.body().deserialize::<OwnedValue>().ok());
        value.and_then(|value| String::try_from(value).ok()).unwrap_or_default()
    }

    /// Waits until something of this role and name is there.
    fn finds(&self, role: &[u32], name: &str) {
        let found = || {
            let tree = self.tree();
            tree.iter().any(|(each, said)| role.contains(each) && said.contains(name)).then_some(())
        };
        wait_until(&format!("a {role:?} called {name} in {:?}", self.tree()), found);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_screen_reader_finds_the_controls_by_role_and_name() {
    let desktop = Desktop::with(DesktopOptions { screen_reader: true, ..DesktopOptions::default() });
    let mut reader = Reader::on(&desktop);
    let hotmart = Hotmart::start().await;
    hotmart.configure_accounts(&desktop, &["main"]);
    hotmart.connect_by_hand(&desktop, "main", |_| {}).await;
    let app = App::start(&desktop).await;
    app.wait_for_state("connected").await;
    reader.find_the_page();
    reader.finds(FRAME, "Hotmart Connect");
    let tools = ["n8n", "make", "excel", "sheets", "postman", "mcp", "terminal", "other"];
    for tool in tools {
        reader.finds(BUTTON, &pt(&format!("tool.{tool}")));
    }
    reader.finds(HEADING, &pt("use.title"));
    app.click("use-other").await;
    reader.finds(HEADING, &pt_with("use.in", &[("tool", &pt("tool.other"))]));
    reader.finds(BUTTON, &pt_with("use.copy", &[("field", "Token")]));
    app.click("close-recipe").await;
    app.click("more-title").await;
    for (role, name) in [
        (HEADING, &pt("connected.title")),
        (HEADING, &pt("token.title")),
        (BUTTON, &pt("action.copy_token")),
        (BUTTON, &pt("action.refresh")),
        (BUTTON, &pt("action.check")),
        (BUTTON, &pt("action.disconnect")),
        (BUTTON, &pt("settings.title")),
        (BUTTON, &pt("accounts.title")),
        (COMBO_BOX, &pt("language.label")),
    ] {
        reader.finds(role, name);
    }
    app.click("settings").await;
    for (role, name) in [
        (COMBO_BOX, &pt("settings.clipboard")),
        (CHECK_BOX, &pt("settings.login")),
        (CHECK_BOX, &pt("settings.notifications")),
        (BUTTON, &pt("action.check_computer")),
    ] {
        reader.finds(role, name);
    }
    let tree = reader.tree();
    let controls = [BUTTON, CHECK_BOX, COMBO_BOX, ENTRY].concat();
    let nameless: Vec<_> =
        tree.iter().filter(|(role, name)| controls.contains(role) && name.is_empty()).collect();
    assert_eq!(json!(nameless), json!([]), "every control has a name");
    let token = hotmart.access_tokens().remove(0);
    assert!(tree.iter().all(|(_, name)| !name.contains(&token)), "nobody reads the token out");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_screen_reader_finds_the_one_field_of_the_first_screen() {
    let desktop = Desktop::with(DesktopOptions { screen_reader: true, ..DesktopOptions::default() });
    let mut reader = Reader::on(&desktop);
    let app = App::start(&desktop).await;
    app.wait_for_state("unconfigured").await;
    reader.find_the_page();
    reader.finds(FRAME, "Hotmart Connect");
    for (role, name) in [
        (HEADING, &pt("start.title")),
        (ENTRY, &pt("start.label")),
        (BUTTON, &pt("action.connect")),
        (HEADING, &pt("start.steps")),
        (BUTTON, &pt("start.open")),
    ] {
        reader.finds(role, name);
    }
}
