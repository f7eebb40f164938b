// Newer versions of the program: a line on every screen, and a place in the settings.

import { dismiss, update as ask } from "./bridge.js";
import { action, card, element, note } from "./elements.js";

/** @typedef {import("./types.js").UpdateStatus} UpdateStatus */
/** @typedef {import("./i18n.js").Translations} Translations */
/** @typedef {import("./parts.js").Moment} Moment */

/**
 * What is known of a newer version, in words. Empty if there is nothing to say.
 * @param {Translations} words
 * @param {UpdateStatus} update
 */
function text(words, update) {
  switch (update.name) {
    case "unknown":
      return "";
    case "looking":
      return words.text("update.looking");
    case "newest":
      return words.text("update.newest");
    case "look_failed":
      return words.text("update.look_failed");
    case "available":
      return `${words.text("update.available", { version: update.version })} ${words.text(update.installs ? "update.available_installs" : "update.available_page")}`;
    case "downloading": {
      const percent = update.percent === null ? "" : words.percent(update.percent);
      return words.text("update.downloading", { version: update.version, percent }).trim();
    }
    case "waiting":
      return words.text(`update.waiting_${update.reason}`, { version: update.version });
    case "installing":
      return words.text("update.installing", { version: update.version });
    case "failed":
      return words.text(`update.failed_${update.problem}`, { version: update.version });
  }
}

/**
 * What can be done about it.
 * @param {Translations} words
 * @param {UpdateStatus} update
 */
function actions(words, update) {
  const page = action("open-releases", words.text("update.page"), () => ask("open_page"), "quiet");
  switch (update.name) {
    case "available":
      return update.installs ? [action("install-update", words.text("update.install"), () => ask("install"))] : [page];
    case "downloading":
    case "waiting":
      return [action("cancel-update", words.text("update.cancel"), () => ask("cancel"), "quiet")];
    case "failed":
      return [action("install-update", words.text("action.try_again"), () => ask("install")), page];
    default:
      return [];
  }
}

/**
 * A line above the screen, where there is a newer version that the user does not know of, or wants.
 * @param {{ message: import("./types.js").Message, words: Translations }} moment
 */
export function updateNote({ message, words }) {
  const { update } = message;
  const isQuiet = ["unknown", "looking", "newest", "look_failed"].includes(update.name) || (update.name === "available" && update.read);
  if (isQuiet) return null;
  const later = ["available", "failed"].includes(update.name) ? [action("dismiss-update", words.text("update.later"), () => dismiss("update"), "quiet")] : [];
  const shown = note("update", text(words, update), element("div", { class: "actions" }, [...actions(words, update), ...later]));
  shown.classList.add("wide");
  if (update.name !== "failed") shown.classList.add("news");
  return shown;
}

/**
 * Which version this is, and whether there is a newer one.
 * @param {Moment} moment
 */
export function version({ message, words }) {
  const { update } = message;
  const isBusy = ["looking", "downloading", "waiting", "installing"].includes(update.name);
  const look = action("look-for-update", words.text("update.look"), () => ask("look"));
  if (isBusy) look.setAttribute("aria-disabled", "true");
  const can = update.name === "unknown" ? [] : [...actions(words, update), ...(update.name === "available" || update.name === "failed" || isBusy ? [] : [look])];
  return card(
    element("h2", { id: "version-title" }, words.text("update.title")),
    element("p", { class: "lead" }, words.text("update.current", { version: message.version })),
    text(words, update) ? element("p", { id: "update-status" }, text(words, update)) : null,
    can.length ? element("div", { class: "actions" }, can) : null,
  );
}

/**
 * What is to be read out of it.
 * @param {Moment} moment
 */
export function updateText({ message, words, panel }) {
  const { update } = message;
  // How far it is would be read out a hundred times.
  if (update.name === "downloading") return "";
  return panel === "settings" || updateNote({ message, words }) ? text(words, update) : "";
}
