// Draws one moment, and keeps what a seller has in hand while it changes.

import { updateStates } from "./accounts.js";
import { announce } from "./announce.js";
import { PROBLEM } from "./elements.js";
import { moveFocus, preserveInputs } from "./focus.js";
import { alerts, drawFooter, drawTop } from "./frame.js";
import { isLate, isSpent } from "./parts.js";
import { mustWait } from "./press.js";
import { content } from "./screens.js";

/** @typedef {import("./types.js").Message} Message */
/** @typedef {import("./types.js").View} View */
/** @typedef {import("./i18n.js").Translations} Translations */
/** @typedef {import("./parts.js").Moment} Moment */
/** @typedef {import("./parts.js").OpenPanel} OpenPanel */

/** What was drawn last, to know what changed. */
const drawn = { screen: "", language: "", panel: /** @type {OpenPanel} */ (null), account: "", key: "" };

/** @type {OpenPanel} what the seller opened while the state goes on */
let panel = null;
/** @type {string | null} the account whose removal is asked once more */
let removing = null;
/** @type {string | null} the account for which Disconnect was clicked, and is asked once more */
let disconnecting = null;
/** @type {unknown} the code of the command that did nothing, if the last one did not */
let problem = null;
/** @type {Moment | null} */
let last = null;

document.addEventListener(PROBLEM, (event) => {
  problem = /** @type {CustomEvent} */ (event).detail;
  redraw();
});

/**
 * @param {Message} message
 * @param {Translations} words
 * @param {number} now in seconds since the epoch
 */
export function draw(message, words, now) {
  if (mustWait(() => draw(message, words, now))) return;
  const screen = screenOf(message);
  const account = message.account?.id ?? "";
  // The question is about one account, while it is connected and shown.
  if (screen !== "connected" || disconnecting !== account) disconnecting = null;
  last = { message, words, now, panel, removing, disconnecting: disconnecting !== null, go, askToRemove, askToDisconnect };
  document.documentElement.lang = words.language;
  document.body.dataset.state = message.state.name;
  const { now: _, ...lasting } = message;
  const spent = "session" in message.state && isSpent(message.state.session, now);
  const key = JSON.stringify([lasting, words.language, panel, removing, disconnecting, spent, isLate({ message, now }), problem]);
  if (key === drawn.key) return;

  const main = byId("main");
  const focused = document.activeElement?.id ?? "";
  const sameScreen = screen === drawn.screen;
  drawTop(last);
  byId("alerts").replaceChildren(...alerts(last, problem));
  // A form that is being filled in stays as it is.
  const sameForm = (screen === "form" || screen === "start") && account === drawn.account && panel === drawn.panel;
  const sameList = screen === "accounts" && sameScreen && updateStates(last);
  if (!(sameScreen && words.language === drawn.language && (sameForm || sameList))) {
    const putBack = sameScreen && account === drawn.account ? preserveInputs(main) : null;
    main.classList.toggle("another-screen", !sameScreen && drawn.screen !== "");
    main.replaceChildren(...content(last, screen));
    putBack?.();
  }
  drawFooter(last);
  tick(now);
  moveFocus(main, focused, sameScreen, drawn.screen === "");
  // Whoever starts for the first time can paste at once.
  if (drawn.screen === "" && screen === "start") byId("pasted").focus();
  announce(last, sameScreen);
  Object.assign(drawn, { screen, language: words.language, panel, account, key });
}

/** Draws the last moment again, after something changed in the window alone. */
function redraw() {
  if (last) draw(last.message, last.words, last.now);
}

/**
 * What is shown: what the seller opened, or else the state. States between
 * which nothing moves for the seller are one screen: a renewal in the
 * background steals no focus.
 * @param {Message} message
 */
function screenOf({ state, account }) {
  const connected = "session" in state;
  // A recipe is about a connection that is there.
  if (panel?.startsWith("use-") && !connected) panel = null;
  if (panel === "new") return "start";
  if (panel) return panel === "edit" || panel === "fields" ? "form" : panel;
  if (connected) return "connected";
  if (state.name !== "unconfigured") return state.name;
  // What there is of an account is put right field by field.
  return account ? "form" : "start";
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

/** @param {OpenPanel} next */
function go(next) {
  panel = next;
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

/** @param {string | null} account */
function askToDisconnect(account) {
  disconnecting = account;
  redraw();
  byId(account ? "stay" : "disconnect").focus();
}
