// The screen of a connection that is there: what it is good for, and what can
// be done with it.

import { call, copyToken } from "./bridge.js";
import { accountName } from "./accounts.js";
import { checkAction, checkProblem, lastCheck } from "./check.js";
import { action, card, element, pill } from "./elements.js";
import { anotherAccountAction, countdown, editAction, heading, isSpent, noticeOf, placeOf, serverWords } from "./parts.js";

/** @typedef {import("./bridge.js").Session} Session */
/** @typedef {import("./bridge.js").State} State */
/** @typedef {import("./i18n.js").Words} Words */
/** @typedef {import("./parts.js").Moment} Moment */

/**
 * @param {Moment} moment
 * @param {Extract<State, { session: Session }>} state
 */
export function connected(moment, state) {
  const { words, now } = moment;
  const { session } = state;
  const spent = isSpent(session, now);
  const text = session.renewable ? "connected.text" : "connected.text_does_not_renew";
  return card(
    noticeOf(moment),
    pill(state.name === "retrying" ? "wait" : "good", words.text(`${state.name}.pill`)),
    heading(moment, "connected.title"),
    state.name === "retrying" ? retryingText(moment, state, spent) : element("p", { class: "lead" }, words.text(text)),
    checkProblem(moment),
    facts(moment, session),
    session.onlyInMemory ? element("p", { class: "small" }, words.text("connected.only_in_memory")) : null,
    moment.leaving ? leavingQuestion(moment) : connectedActions(moment, state, spent),
  );
}

/**
 * @param {Moment} moment
 * @param {Extract<State, { session: Session }>} state
 * @param {boolean} spent
 */
function connectedActions(moment, state, spent) {
  const { words } = moment;
  const copy = action("copy-token", words.text("action.copy_token"), () => copyToken("token"), "primary");
  // It stays in its place when it can't be used: nothing else moves under the pointer.
  if (spent) copy.setAttribute("aria-disabled", "true");
  const reconnect = action("reconnect", words.text("action.reconnect"), () => call("connect"), "quiet");
  if (state.name === "refreshing") reconnect.setAttribute("aria-disabled", "true");
  return element(
    "div",
    {},
    element("div", { class: "actions" }, copy),
    copied(moment),
    element(
      "div",
      { class: "actions pair" },
      state.session.renewable ? refreshAction(moment, state) : null,
      checkAction(moment),
      action("disconnect", words.text("action.disconnect"), () => moment.leave(true)),
    ),
    element("div", { class: "actions" }, reconnect, anotherAccountAction(moment), editAction(moment, "quiet")),
  );
}

/**
 * What became of the copy, in a place that is always kept for it.
 * @param {Moment} moment
 */
function copied({ message, words }) {
  if (message.clipboardClearsAt) return countdown("small copied", "connected.copied", message.clipboardClearsAt);
  return element("p", { class: "small hint" }, words.text("connected.copy_hint"));
}

/** @param {Moment} moment */
function leavingQuestion({ words, leave }) {
  const sure = action("disconnect-now", words.text("action.disconnect"), () => call("disconnect"));
  const stay = action("stay", words.text("action.stay"), () => leave(false), "primary");
  return element(
    "div",
    { role: "group" },
    element("p", { class: "lead" }, words.text("disconnect.question")),
    element("div", { class: "actions" }, stay, sure),
  );
}

/**
 * @param {Moment} moment
 * @param {Extract<State, { name: "retrying" }>} state
 * @param {boolean} spent
 */
function retryingText(moment, state, spent) {
  const { words } = moment;
  const reason = words.text(`error.${state.error}`);
  return element(
    "div",
    { class: "lead" },
    element("p", {}, words.text(spent ? "retrying.spent" : "retrying.still_valid"), " ", reason),
    countdown("small", "retrying.next", state.nextAt),
    element("p", { class: "code" }, words.text("failed.code", { code: state.error })),
    serverWords(moment, state.server),
  );
}

/**
 * @param {Moment} moment
 * @param {Extract<State, { session: Session }>} state
 */
function refreshAction({ words }, state) {
  const key = { connected: "action.refresh", refreshing: "action.refreshing", retrying: "action.try_now" }[state.name];
  const button = action("refresh", words.text(key), () => call("refresh"));
  if (state.name === "refreshing") button.setAttribute("aria-disabled", "true");
  return button;
}

/**
 * @param {Moment} moment
 * @param {Session} session
 */
function facts(moment, session) {
  const { message, words, now } = moment;
  const scope = session.scope ?? message.account?.requestedScope ?? "";
  const permissions = scope
    .split(/\s+/)
    .filter(Boolean)
    .map((name) => (words.has(`scope.${name}`) ? words.text(`scope.${name}`) : name));
  const list = new Intl.ListFormat(words.language, { type: "conjunction" }).format(permissions);
  /** @type {[string, string | HTMLElement][]} */
  const rows = [
    ["fact.account", session.seller ?? message.check.last?.who ?? (message.account ? accountName(words, message.account) : "")],
    ["fact.environment", message.account ? placeOf(words, message.account) : ""],
    ["fact.permissions", list || words.text("fact.default_permissions")],
    ["fact.valid", validity(words, now, session)],
    ["fact.renewal", words.text(session.renewable ? "fact.renews" : "fact.does_not_renew")],
  ];
  if (message.check.possible) rows.push(["fact.check", lastCheck(moment)]);
  const listed = element(
    "dl",
    { class: "facts" },
    rows.flatMap(([key, value]) => [element("dt", {}, words.text(key)), element("dd", {}, value)]),
  );
  if (session.expiresAt === null) return listed;
  const bar = element("span", { "data-bar-from": String(session.obtainedAt), "data-bar-until": String(session.expiresAt) });
  return element("div", {}, listed, element("div", { class: "bar", "aria-hidden": "true" }, bar));
}

/**
 * @param {Words} words
 * @param {number} now
 * @param {Session} session
 */
function validity(words, now, session) {
  if (session.expiresAt === null) return words.text("fact.validity_unknown");
  const until = words.text("fact.valid_until", { moment: words.moment(session.expiresAt, now) });
  return element("span", {}, countdown("expiry", "fact.valid_for", session.expiresAt, "span"), " ", until);
}
