// What is around every screen: the line at the top, what went wrong, the footer.

import { accountName, removedDismiss, removedText } from "./accounts.js";
import { choose } from "./bridge.js";
import { PROBLEM, action, element, note } from "./elements.js";
import { sentence } from "./form.js";
import { languages, Translations } from "./i18n.js";
import { placeOf } from "./parts.js";
import { updateNote } from "./update.js";

/** @typedef {import("./parts.js").Moment} Moment */

/** @param {string} id */
const byId = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

/** @param {Moment} moment */
export function drawTop({ message, words, panel, go }) {
  const settings = byId("settings");
  settings.setAttribute("aria-label", words.text("settings.title"));
  settings.title = words.text("settings.title");
  settings.setAttribute("aria-expanded", String(panel === "settings"));
  settings.hidden = false;
  settings.onclick = () => go(panel === "settings" ? null : "settings");
  const button = byId("accounts");
  const { account } = message;
  button.hidden = !account;
  button.onclick = () => go(panel === "accounts" ? null : "accounts");
  if (!account) return;
  const environment = placeOf(words, account);
  const text = account.name || message.accounts.length > 1 ? `${accountName(words, account)} · ${environment}` : environment;
  button.replaceChildren(
    element("span", { class: "visually-hidden" }, `${words.text("accounts.title")}: `),
    account.environment === "practice" ? environment : text,
    element("span", { class: "arrow", "aria-hidden": "true" }, "▾"),
  );
  button.setAttribute("aria-expanded", String(panel === "accounts"));
  button.classList.toggle("practice", account.environment === "practice");
}

/** @param {Moment} moment */
export function drawFooter({ words }) {
  const footer = byId("footer");
  if (footer.lang === words.language) return;
  footer.lang = words.language;
  const select = /** @type {HTMLSelectElement} */ (element("select", { id: "language" }));
  for (const language of languages) {
    select.append(element("option", { value: language, lang: language }, new Translations(language).text("language.name")));
  }
  select.value = words.language;
  select.addEventListener("change", async () => {
    try {
      await choose({ name: "language", value: select.value });
    } catch (code) {
      select.value = words.language;
      document.dispatchEvent(new CustomEvent(PROBLEM, { detail: code }));
    }
  });
  footer.replaceChildren(
    element("span", {}, words.text("about.independent")),
    element("label", {}, words.text("language.label"), select),
  );
}

/**
 * @param {Moment} moment
 * @param {unknown} problem the code of the command that did nothing, if the last one did not
 */
export function alerts(moment, problem) {
  const { message, words, panel, go } = moment;
  /** @type {HTMLElement[]} */
  const shown = [];
  if (problem !== null) {
    const dismiss = action("dismiss-problem", words.text("action.dismiss"), () => go(panel), "quiet");
    const alert = note("problem", sentence(words, problem), dismiss);
    alert.setAttribute("role", "alert");
    shown.push(alert);
  }
  if (message.removed) shown.push(note("removed", removedText(moment), removedDismiss(moment)));
  if (message.settingsProblem) {
    const path = words.text("settings_file", { path: message.settingsFile });
    const code = words.text("failed.code", { code: `settings_${message.settingsProblem}` });
    const text = words.text(`settings.${message.settingsProblem}`);
    shown.push(note("settings-problem", [text, element("p", { class: "code" }, path, " · ", code)]));
  }
  // The settings have a place of their own for it.
  const newer = panel === "settings" ? null : updateNote(moment);
  if (newer) shown.push(newer);
  return shown;
}
