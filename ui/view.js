// Draws one moment, and keeps what a seller has in hand while it changes:
// the focus, what was typed, what was opened.

import { accountName, movedText, removedDismiss, removedText, updateStates } from "./accounts.js";
import { choose } from "./bridge.js";
import { verdict } from "./check.js";
import { checkupText } from "./computer.js";
import { PROBLEM, action, element, note } from "./elements.js";
import { sentence } from "./form.js";
import { languages, Words } from "./i18n.js";
import { isLate, isSpent, noticeText, placeOf } from "./parts.js";
import { content } from "./screens.js";

/** @typedef {import("./bridge.js").Message} Message */
/** @typedef {import("./bridge.js").State} State */
/** @typedef {import("./parts.js").Moment} Moment */

/** What was drawn last, to know what changed. */
let drawnScreen = "";
let drawnLanguage = "";
/** @type {import("./parts.js").Place} */
let drawnPlace = null;
let drawnAccount = "";
let drawnKey = "";
/** @type {import("./parts.js").Place} what the seller opened while the state goes on */
let place = null;
/** @type {string | null} the account whose removal is asked once more */
let removing = null;
/** The seller clicked Disconnect and is asked once more. */
let leaving = false;
/** @type {unknown} the code of the command that did nothing, if the last one did not */
let problem = null;
/** What was read out last: how the connection stands, and which copy. */
let announcedStanding = "";
/** @type {number | null} */
let announcedCopy = null;
/** @type {Moment | null} */
let last = null;

/** A button that is held down stays where and what it is for this long, in milliseconds. */
const LONGEST_PRESS = 1000;
let pressed = false;
/** @type {[Message, Words, number] | null} what came meanwhile */
let waiting = null;

// Drawn anew between the two halves of a click, a button would not hear of it.
document.addEventListener("pointerdown", (event) => {
  if (!(event.target instanceof Element) || !event.target.closest("button, summary")) return;
  pressed = true;
  setTimeout(letGo, LONGEST_PRESS);
});
for (const end of ["pointerup", "pointercancel"]) {
  document.addEventListener(end, () => {
    // What the click itself does is drawn at once.
    pressed = false;
    setTimeout(letGo);
  });
}

function letGo() {
  pressed = false;
  const meanwhile = waiting;
  waiting = null;
  if (meanwhile) draw(...meanwhile);
}

document.addEventListener(PROBLEM, (event) => {
  problem = /** @type {CustomEvent} */ (event).detail;
  redraw();
});

/**
 * @param {Message} message
 * @param {Words} words
 * @param {number} now in seconds since the epoch
 */
export function draw(message, words, now) {
  if (pressed) {
    waiting = [message, words, now];
    return;
  }
  const screen = place === "accounts" || place === "settings" ? place : place ? "form" : screenOf(message.state);
  if (screen !== "connected") leaving = false;
  last = { message, words, now, place, removing, leaving, go, askToRemove, leave };
  document.documentElement.lang = words.language;
  document.body.dataset.state = message.state.name;
  const { now: _, ...lasting } = message;
  const spent = "session" in message.state && isSpent(message.state.session, now);
  const key = JSON.stringify([lasting, words.language, place, removing, leaving, spent, isLate({ message, now }), problem]);
  if (key === drawnKey) return;

  const main = byId("main");
  const focused = document.activeElement?.id ?? "";
  const sameScreen = screen === drawnScreen;
  drawTop(last);
  byId("alerts").replaceChildren(...alerts(last));
  // A form that is being filled in stays as it is.
  const account = message.account?.id ?? "";
  const sameForm = screen === "form" && account === drawnAccount && place === drawnPlace;
  const sameList = screen === "accounts" && sameScreen && updateStates(last);
  if (!(sameScreen && words.language === drawnLanguage && (sameForm || sameList))) {
    const kept = sameScreen && account === drawnAccount ? keep(main) : null;
    main.replaceChildren(...content(last, screen));
    kept?.();
  }
  drawFooter(last);
  tick(now);
  moveFocus(main, focused, sameScreen);
  announce(last, sameScreen);
  drawnScreen = screen;
  drawnLanguage = words.language;
  drawnPlace = place;
  drawnAccount = account;
  drawnKey = key;
}

/** Draws the last moment again, after something changed in the window alone. */
function redraw() {
  if (last) draw(last.message, last.words, last.now);
}

/**
 * States between which nothing moves for the seller are one screen: a renewal
 * in the background steals no focus.
 * @param {State} state
 */
function screenOf(state) {
  if ("session" in state) return "connected";
  return state.name === "unconfigured" ? "form" : state.name;
}

/**
 * Remembers what was typed and what was opened, and gives a function that puts
 * it back. What is chosen for good (`data-chosen`) is the program's to remember.
 * @param {HTMLElement} root
 */
function keep(root) {
  const fields = /** @type {NodeListOf<HTMLInputElement>} */ (root.querySelectorAll("input:not([data-chosen]), select:not([data-chosen])"));
  const isTicked = (/** @type {HTMLInputElement} */ field) => field.type === "radio" || field.type === "checkbox";
  const ticked = [...fields].filter((field) => isTicked(field) && field.checked).map((field) => field.id);
  const ticks = [...fields].filter(isTicked).map((field) => field.id);
  const typed = [...fields].filter((field) => field.type !== "file" && !isTicked(field));
  const values = typed.map((field) => /** @type {const} */ ([field.id, field.value]));
  const opened = [...root.querySelectorAll("details[open]")].map((details) => details.id);
  return () => {
    // First what the rest of a form hangs on.
    for (const id of ticks) {
      const field = /** @type {HTMLInputElement | null} */ (document.getElementById(id));
      if (!field) continue;
      field.checked = ticked.includes(id);
      if (field.checked) field.dispatchEvent(new Event("change", { bubbles: true }));
    }
    for (const [id, value] of values) {
      const field = /** @type {HTMLInputElement | null} */ (document.getElementById(id));
      if (!field) continue;
      field.value = value;
      if (field.tagName === "SELECT" || field.type === "search") field.dispatchEvent(new Event("change"));
    }
    for (const id of opened) document.getElementById(id)?.setAttribute("open", "");
  };
}

/**
 * On a new screen the focus goes to its heading; on the same one it stays
 * where it was, or goes to the heading if that is gone.
 * @param {HTMLElement} main
 * @param {string} focused
 * @param {boolean} sameScreen
 */
function moveFocus(main, focused, sameScreen) {
  const heading = main.querySelector("h1");
  if (!sameScreen) {
    if (drawnScreen) heading?.focus();
  } else if (focused && document.activeElement?.id !== focused) {
    // At the end of a list there is only the way back.
    const other = focused.replace(/^(up|down)-/, (_, way) => (way === "up" ? "down-" : "up-"));
    (document.getElementById(focused) ?? document.getElementById(other) ?? heading)?.focus({ preventScroll: true });
  }
}

/**
 * Has the news read out: a new screen's heading, or what happened on the same one.
 * @param {Moment} moment
 * @param {boolean} sameScreen
 */
function announce(moment, sameScreen) {
  const { message, words } = moment;
  // A renewal that goes on by itself is no news, and neither is its end.
  const routine = message.state.name === "refreshing" && sameScreen;
  const standing = routine ? announcedStanding : [...byId("main").querySelectorAll(".pill, h1")].map((node) => node.textContent).join(": ");
  // A new screen, or the same one with another state, or help that came by itself.
  const news = standing === announcedStanding && sameScreen ? [] : [standing];
  announcedStanding = standing;
  if (isLate(moment)) news.push(words.text("awaiting.other_way_title"));
  if (message.notice) news.push(noticeText(moment));
  if (message.removed) news.push(removedText(moment));
  if (message.check.last && !message.check.running) news.push(verdict(moment, message.check.last));
  if (place === "settings") news.push(checkupText(moment));
  const moved = movedText(moment);
  if (moved) news.push(moved);
  if (message.clipboardClearsAt) news.push(words.text("connected.copied_announced"));
  const text = news.filter(Boolean).join(" ");
  const status = byId("status");
  const copiedAgain = message.clipboardClearsAt !== null && message.clipboardClearsAt !== announcedCopy;
  announcedCopy = message.clipboardClearsAt;
  if (status.textContent === text && !copiedAgain) return;
  // The same words twice are only read twice if they were gone in between.
  status.textContent = "";
  setTimeout(() => (status.textContent = text));
}

/**
 * Counts down what counts down, without drawing anew.
 * @param {number} now
 */
export function tick(now) {
  if (!last) return;
  const { message, words } = last;
  for (const node of document.querySelectorAll("[data-until]")) {
    const { until, key, units } = /** @type {HTMLElement} */ (node).dataset;
    const time = words.duration(Number(until) - now, units === "short" ? "short" : "long");
    node.textContent = words.text(key ?? "", { time });
  }
  for (const node of document.querySelectorAll("[data-bar-from]")) {
    const { barFrom, barUntil } = /** @type {HTMLElement} */ (node).dataset;
    const share = (Number(barUntil) - now) / Math.max(1, Number(barUntil) - Number(barFrom));
    /** @type {HTMLElement} */ (node).style.width = `${Math.min(100, Math.max(0, share * 100))}%`;
  }
  const before = last.now;
  last.now = now;
  // What may be done changes when the token ends, and when the browser takes long.
  const ended = "session" in message.state && isSpent(message.state.session, now) !== isSpent(message.state.session, before);
  if (ended || isLate({ message, now }) !== isLate({ message, now: before })) draw(message, words, now);
}

/** @param {string} id */
const byId = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

/** @param {import("./parts.js").Place} next */
function go(next) {
  place = next;
  removing = null;
  problem = null;
  redraw();
}

/** @param {string | null} id */
function askToRemove(id) {
  const asked = id ?? removing;
  removing = id;
  redraw();
  document.getElementById(`${id ? "keep" : "remove"}-${asked}`)?.focus();
}

/** @param {Moment} moment */
function drawTop({ message, words }) {
  const settings = byId("settings");
  settings.setAttribute("aria-label", words.text("settings.title"));
  settings.title = words.text("settings.title");
  settings.setAttribute("aria-expanded", String(place === "settings"));
  settings.hidden = false;
  settings.onclick = () => go(place === "settings" ? null : "settings");
  const button = byId("accounts");
  const { account } = message;
  button.hidden = !account;
  button.onclick = () => go(place === "accounts" ? null : "accounts");
  if (!account) return;
  const environment = placeOf(words, account);
  const text = account.name || message.accounts.length > 1 ? `${accountName(words, account)} · ${environment}` : environment;
  button.replaceChildren(
    element("span", { class: "visually-hidden" }, `${words.text("accounts.title")}: `),
    account.environment === "practice" ? environment : text,
    element("span", { class: "arrow", "aria-hidden": "true" }, "▾"),
  );
  button.setAttribute("aria-expanded", String(place === "accounts"));
  button.classList.toggle("practice", account.environment === "practice");
}

/** @param {Moment} moment */
function drawFooter({ words }) {
  const footer = byId("footer");
  if (footer.lang === words.language) return;
  footer.lang = words.language;
  const select = /** @type {HTMLSelectElement} */ (element("select", { id: "language" }));
  for (const language of languages) {
    select.append(element("option", { value: language, lang: language }, new Words(language).text("language.name")));
  }
  select.value = words.language;
  select.addEventListener("change", async () => {
    try {
      await choose("language", select.value);
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

/** @param {Moment} moment */
function alerts(moment) {
  const { message, words } = moment;
  /** @type {HTMLElement[]} */
  const shown = [];
  if (problem !== null) {
    const dismiss = action("dismiss-problem", words.text("action.dismiss"), () => go(place), "quiet");
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
  return shown;
}

/** @param {boolean} asked */
function leave(asked) {
  leaving = asked;
  redraw();
  byId(asked ? "stay" : "disconnect").focus();
}
