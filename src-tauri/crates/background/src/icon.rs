//! The tray of a Linux desktop, over D-Bus alone.

use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

use ksni::blocking::{Handle, TrayMethods};
use ksni::menu::StandardItem;
use ksni::{Icon, MenuItem, Status, ToolTip};

use crate::tray::{Choice, Line, Tray, TrayStatus};

type Chosen = Arc<dyn Fn(Choice) + Send + Sync>;

/// The icon and its menu, if they are shown. Calls wait for the session bus:
/// they are not for the main thread.
pub struct TrayIcon {
    chosen: Chosen,
    /// Shown by one task, looked at by the main thread when the window closes.
    shown: Mutex<Option<Handle<Shown>>>,
}

impl TrayIcon {
    /// None yet. `chosen` hears what is clicked on.
    pub fn new(chosen: impl Fn(Choice) + Send + Sync + 'static) -> Self {
        Self { chosen: Arc::new(chosen), shown: Mutex::default() }
    }

    /// Shows it, shows it anew, or takes it away.
    pub fn show(&self, tray: Option<Tray>) {
        let mut shown = self.lock();
        match (tray, shown.as_ref()) {
            (None, _) => {
                if let Some(handle) = shown.take() {
                    handle.shutdown().wait();
                }
            }
            (Some(tray), Some(handle)) if !handle.is_closed() => {
                let _ = handle.update(|shown| shown.tray = tray);
            }
            (Some(tray), _) => {
                let new = Shown { tray, chosen: Arc::clone(&self.chosen) };
                // The panel may come later than the program.
                match new.assume_sni_available(true).spawn() {
                    Ok(handle) => *shown = Some(handle),
                    Err(error) => log::warn!("the tray is not shown: {error}"),
                }
            }
        }
    }

    /// Whether there is one.
    pub fn is_shown(&self) -> bool {
        self.lock().as_ref().is_some_and(|handle| !handle.is_closed())
    }

    fn lock(&self) -> MutexGuard<'_, Option<Handle<Shown>>> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Shown {
    tray: Tray,
    chosen: Chosen,
}

impl ksni::Tray for Shown {
    fn id(&self) -> String {
        adapters::SERVICE.to_owned()
    }

    fn title(&self) -> String {
        "Hotmart Connect".to_owned()
    }

    fn status(&self) -> Status {
        if self.tray.status == TrayStatus::Attention { Status::NeedsAttention } else { Status::Active }
    }

    fn icon_pixmap(&self) -> Vec<Icon> {
        vec![icon(self.tray.status)]
    }

    fn attention_icon_pixmap(&self) -> Vec<Icon> {
        vec![icon(TrayStatus::Attention)]
    }

    fn tool_tip(&self) -> ToolTip {
        ToolTip { title: self.tray.tooltip.clone(), ..ToolTip::default() }
    }

    fn activate(&mut self, _x: i32, _y: i32) {
        (self.chosen)(Choice::Open);
    }

    fn menu(&self) -> Vec<MenuItem<Self>> {
        self.tray.lines.iter().map(item).collect()
    }
}

fn item(line: &Line) -> MenuItem<Shown> {
    // An underscore would underline the letter behind it.
    let label = |text: &String| text.replace('_', "__");
    match line {
        Line::Text(text) => {
            StandardItem { label: label(text), enabled: false, ..StandardItem::default() }.into()
        }
        Line::Choice(choice, text) => {
            let choice = choice.clone();
            let activate = Box::new(move |shown: &mut Shown| (shown.chosen)(choice.clone()));
            StandardItem { label: label(text), activate, ..StandardItem::default() }.into()
        }
        Line::Between => MenuItem::Separator,
    }
}

fn icon(status: TrayStatus) -> Icon {
    static CONNECTED: LazyLock<Icon> =
        LazyLock::new(|| drawn(include_bytes!("../../../../icons/tray-connected.png")));
    static ATTENTION: LazyLock<Icon> =
        LazyLock::new(|| drawn(include_bytes!("../../../../icons/tray-attention.png")));
    static IDLE: LazyLock<Icon> = LazyLock::new(|| drawn(include_bytes!("../../../../icons/tray-idle.png")));
    match status {
        TrayStatus::Connected => CONNECTED.clone(),
        TrayStatus::Attention => ATTENTION.clone(),
        TrayStatus::Idle => IDLE.clone(),
    }
}

/// A picture of ours as ARGB32 in network byte order, as the specification
/// of StatusNotifierItem wants it.
fn drawn(png: &'static [u8]) -> Icon {
    let empty = Icon { width: 0, height: 0, data: Vec::new() };
    let Ok(mut reader) = png::Decoder::new(std::io::Cursor::new(png)).read_info() else { return empty };
    let mut data = vec![0; reader.output_buffer_size().unwrap_or(0)];
    let Ok(frame) = reader.next_frame(&mut data) else { return empty };
    for pixel in data.chunks_exact_mut(4) {
        pixel.rotate_right(1);
    }
    let side = |length: u32| i32::try_from(length).unwrap_or(0);
    Icon { width: side(frame.width), height: side(frame.height), data }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_standing_has_a_picture_of_its_own() {
        let pictures = [TrayStatus::Connected, TrayStatus::Attention, TrayStatus::Idle].map(icon);
        for picture in &pictures {
            assert_eq!((picture.width, picture.height, picture.data.len()), (64, 64, 64 * 64 * 4));
        }
        assert!(pictures[0].data != pictures[1].data && pictures[1].data != pictures[2].data);
    }
}
