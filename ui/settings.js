// The settings, and the look at this computer, on one screen beside the state.

import { choose, dismiss, forgetEverything } from "./bridge.js";
import { computer } from "./computer.js";
import { action, card, element, reported } from "./elements.js";
import { heading } from "./parts.js";
import { version } from "./update.js";

/** @typedef {import("./parts.js").Moment} Moment */

/** How long a copy may stay in the clipboard, in seconds. */
const CLIPBOARD_SECONDS = [15, 30, 60, 300];
/** How large everything is drawn, in percent. */
export const ZOOMS = [80, 100, 125, 150, 175, 200];

/** @param {Moment} moment */
export function settings(moment) {
  const { message, words, go } = moment;
  const { preferences } = message;
  const trayNote = preferences.trayIsThere ? "settings.tray_hint" : "settings.tray_none";
  return [
    card(
      element("div", { class: "back" }, action("close-settings", `‹ ${words.text("accounts.close")}`, () => close(go), "quiet")),
      heading(moment, "settings.title"),
      choice(moment, "clipboard", "clipboard_seconds", CLIPBOARD_SECONDS, preferences.clipboardSeconds, (seconds) => words.duration(seconds)),
      choice(moment, "zoom", "zoom", ZOOMS, preferences.zoom, (percent) => words.percent(percent)),
      tick(moment, "tray", "keep_in_tray", preferences.keepInTray, trayNote, preferences.trayIsThere || preferences.keepInTray),
      tick(moment, "login", "start_at_login", preferences.startAtLogin),
      tick(moment, "notifications", "notifications", preferences.notifications),
    ),
    computer(moment),
    version(moment),
    leaving(moment),
  ];
}

/** Stands for all accounts, where else an account is asked about: no id has an underscore. */
const EVERYTHING = "_everything";

/**
 * Leaving nothing on this computer, before the program is removed.
 * @param {Moment} moment
 */
function leaving({ words, removing, askToRemove }) {
  const question = [
    element("p", { class: "lead" }, words.text("forget.question")),
    element(
      "div",
      { class: "actions" },
      action(`keep-${EVERYTHING}`, words.text("forget.keep"), () => askToRemove(null), "primary"),
      action(`remove-now-${EVERYTHING}`, words.text("forget.now"), async () => {
        askToRemove(null);
        await forgetEverything();
      }, "danger"),
    ),
  ];
  return card(
    element("h2", { id: "forget-title" }, words.text("forget.title")),
    element("p", { class: "lead" }, words.text("forget.text")),
    ...(removing === EVERYTHING ? question : [element("div", { class: "actions" }, action(`remove-${EVERYTHING}`, words.text("forget.now"), () => askToRemove(EVERYTHING), "quiet"))]),
  );
}

/** @param {Moment["go"]} go */
async function close(go) {
  await dismiss("checkup");
  go(null);
}

/**
 * @param {Moment} moment
 * @param {string} name
 * @param {"clipboard_seconds" | "zoom"} preference
 * @param {number[]} offered
 * @param {number} value
 * @param {(value: number) => string} text
 */
function choice({ words }, name, preference, offered, value, text) {
  const select = /** @type {HTMLSelectElement} */ (element("select", { id: `setting-${name}`, "data-chosen": "", "aria-describedby": `setting-${name}-hint` }));
  // What was set by hand in the file stays what it is.
  const values = [...new Set([...offered, value])].sort((one, other) => one - other);
  for (const each of values) select.append(element("option", { value: String(each) }, text(each)));
  select.value = String(value);
  select.addEventListener("change", () => reported(() => choose({ name: preference, value: Number(select.value) })));
  return element(
    "div",
    { class: "field" },
    element("label", { for: select.id }, words.text(`settings.${name}`)),
    select,
    element("p", { class: "small", id: `setting-${name}-hint` }, words.text(`settings.${name}_hint`)),
  );
}

/**
 * @param {Moment} moment
 * @param {string} name
 * @param {"keep_in_tray" | "start_at_login" | "notifications"} preference
 * @param {boolean} on
 * @param {string} [hint]
 * @param {boolean} [possible]
 */
function tick({ words }, name, preference, on, hint = `settings.${name}_hint`, possible = true) {
  const box = /** @type {HTMLInputElement} */ (element("input", { type: "checkbox", id: `setting-${name}`, "data-chosen": "", "aria-describedby": `setting-${name}-hint` }));
  box.checked = on;
  box.disabled = !possible;
  box.addEventListener("change", () =>
    reported(async () => {
      try {
        await choose({ name: preference, value: box.checked });
      } catch (code) {
        box.checked = on;
        throw code;
      }
    }),
  );
  return element(
    "div",
    { class: "tick" },
    element("label", { class: "check" }, box, element("span", {}, words.text(`settings.${name}`))),
    element("p", { class: "small", id: `setting-${name}-hint` }, words.text(hint)),
  );
}
