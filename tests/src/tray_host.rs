//! A desktop's tray and its notifications, as programs meet them on the bus.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use zbus::blocking::Connection;
use zbus::blocking::connection::Builder;
use zbus::object_server::SignalEmitter;
use zbus::zvariant::{OwnedValue, Structure, Value};

use crate::desktop::Desktop;
use crate::process::wait_until;

const ITEM: &str = "org.kde.StatusNotifierItem";
const MENU: &str = "com.canonical.dbusmenu";

/// Shows icons and notifications of a desktop's programs, and clicks on them.
pub struct TrayHost {
    bus: Connection,
    items: Arc<Mutex<Vec<(String, String)>>>,
    notifications: Arc<Mutex<Vec<Notified>>>,
}

/// One notification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notified {
    /// Its number.
    pub id: u32,
    /// Its title.
    pub title: String,
    /// Its text.
    pub text: String,
}

struct Watcher(Arc<Mutex<Vec<(String, String)>>>);

#[zbus::interface(name = "org.kde.StatusNotifierWatcher")]
impl Watcher {
    fn register_status_notifier_item(
        &self,
        service: &str,
        #[zbus(header)] header: zbus::message::Header<'_>,
    ) {
        // Either the object's path, or a bus name with the usual path.
        let (name, path) = match service.starts_with('/') {
            true => (header.sender().map(ToString::to_string).unwrap_or_default(), service.to_owned()),
            false => (service.to_owned(), "/StatusNotifierItem".to_owned()),
        };
        self.0.lock().unwrap().push((name, path));
    }

    fn register_status_notifier_host(&self, _service: &str) {}

    #[zbus(property)]
    fn is_status_notifier_host_registered(&self) -> bool {
        true
    }

    #[zbus(property)]
    fn protocol_version(&self) -> i32 {
        0
    }

    #[zbus(property)]
    fn registered_status_notifier_items(&self) -> Vec<String> {
        Vec::new()
    }
}

struct Notifications(Arc<Mutex<Vec<Notified>>>);

#[zbus::interface(name = "org.freedesktop.Notifications")]
impl Notifications {
    #[allow(clippy::too_many_arguments)] // As the desktop's specification has it.
    fn notify(
        &self,
        _program: &str,
        _replaces: u32,
        _icon: &str,
        title: String,
        text: String,
        _actions: Vec<String>,
        _hints: HashMap<String, OwnedValue>,
        _timeout: i32,
    ) -> u32 {
        let mut shown = self.0.lock().unwrap();
        let id = u32::try_from(shown.len()).unwrap() + 1;
        shown.push(Notified { id, title, text });
        id
    }

    fn get_capabilities(&self) -> Vec<String> {
        vec!["actions".to_owned(), "body".to_owned()]
    }

    fn get_server_information(&self) -> (String, String, String, String) {
        ("tests".to_owned(), "tests".to_owned(), "1".to_owned(), "1.2".to_owned())
    }

    fn close_notification(&self, _id: u32) {}

    #[zbus(signal)]
    async fn action_invoked(emitter: &SignalEmitter<'_>, id: u32, action: &str) -> zbus::Result<()>;
}

impl TrayHost {
    /// Takes the names a desktop's panel has.
    pub fn start(desktop: &Desktop) -> Self {
        let items = Arc::<Mutex<_>>::default();
        let notifications = Arc::<Mutex<_>>::default();
        let bus = Builder::address(desktop.bus())
            .unwrap()
            .serve_at("/StatusNotifierWatcher", Watcher(Arc::clone(&items)))
            .unwrap()
            .serve_at("/org/freedesktop/Notifications", Notifications(Arc::clone(&notifications)))
            .unwrap()
            .name("org.kde.StatusNotifierWatcher")
            .unwrap()
            .name("org.freedesktop.Notifications")
            .unwrap()
            .build()
            .expect("the desktop has no tray yet");
        Self { bus, items, notifications }
    }

    /// Everything that was notified so far.
    pub fn notified(&self) -> Vec<Notified> {
        self.notifications.lock().unwrap().clone()
    }

    /// Clicks on a notification.
    pub fn click_notification(&self, id: u32) {
        let server = self.bus.object_server();
        let shown = server.interface::<_, Notifications>("/org/freedesktop/Notifications").unwrap();
        let signal = Notifications::action_invoked(shown.signal_emitter(), id, "default");
        zbus::block_on(signal).expect("the signal is sent");
    }

    /// The lines of the menu of the icon that is shown, with their numbers.
    pub fn menu(&self) -> Vec<(i32, String)> {
        let Some((name, path)) = self.items.lock().unwrap().last().cloned() else { return Vec::new() };
        let Some(menu) = self.property(&name, &path, "Menu") else { return Vec::new() };
        let Ok(menu) = zbus::zvariant::OwnedObjectPath::try_from(menu) else { return Vec::new() };
        let wanted = (0_i32, -1_i32, Vec::<&str>::new());
        let answer =
            self.bus.call_method(Some(name.as_str()), menu.as_str(), Some(MENU), "GetLayout", &wanted);
        let Ok(answer) = answer else { return Vec::new() };
        type Node = (i32, HashMap<String, OwnedValue>, Vec<OwnedValue>);
        let Ok((_, (_, _, children))) = answer.body().deserialize::<(u32, Node)>() else { return Vec::new() };
        children.into_iter().filter_map(line).collect()
    }

    /// Waits until a line with these words is in the menu, and gives its number.
    pub fn line(&self, words: &str) -> i32 {
        wait_until(&format!("{words} is in the tray's menu"), || {
            self.menu().into_iter().find(|(_, label)| label.contains(words)).map(|(id, _)| id)
        })
    }

    /// Clicks on the line with these words.
    pub fn click(&self, words: &str) {
        let id = self.line(words);
        let (name, path) = self.items.lock().unwrap().last().cloned().expect("there is an icon");
        let menu =
            zbus::zvariant::OwnedObjectPath::try_from(self.property(&name, &path, "Menu").unwrap()).unwrap();
        let clicked = (id, "clicked", Value::from(0_i32), 0_u32);
        let answer = self.bus.call_method(Some(name.as_str()), menu.as_str(), Some(MENU), "Event", &clicked);
        // A program that ends, or becomes another, may do so before it answers.
        let ended = |error: &zbus::Error| error.to_string().contains("NoReply");
        assert!(answer.as_ref().err().is_none_or(ended), "the menu takes clicks: {answer:?}");
    }

    fn property(&self, name: &str, path: &str, property: &str) -> Option<OwnedValue> {
        let answer = self
            .bus
            .call_method(Some(name), path, Some("org.freedesktop.DBus.Properties"), "Get", &(ITEM, property))
            .ok()?;
        answer.body().deserialize().ok()
    }
}

fn line(child: OwnedValue) -> Option<(i32, String)> {
    let child = Structure::try_from(child).ok()?;
    let mut fields = child.fields().iter();
    let id = i32::try_from(fields.next()?).ok()?;
    let properties: HashMap<String, OwnedValue> = fields.next()?.try_clone().ok()?.try_into().ok()?;
    let label = properties.get("label")?.try_clone().ok()?;
    Some((id, String::try_from(label).ok()?.replace('_', "")))
}
