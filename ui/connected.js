// The screen of a connection that is there: what it is good for, and one step
// further its token and what can be done with it.

import { accountName } from "./accounts.js";
import { checkAction, checkProblem, checkedWho, isMisplaced, lastCheck } from "./check.js";
import { action, card, element, pill } from "./elements.js";
import { anotherAccountAction, ask, countdown, editAction, errorText, heading, isSpent, noticeOf, placeOf, serverWords } from "./parts.js";
import { refreshToken, tokenCard } from "./token.js";
import { toolChoice } from "./tools.js";

/** @typedef {import("./types.js").Session} Session */
/** @typedef {import("./types.js").View} View */
/** @typedef {import("./parts.js").Moment} Moment */

/**
 * @param {Moment} moment
 * @param {Extract<View, { session: Session }>} state
 */
export function connected(moment, state) {
  const { message, words, now } = moment;
  const { session } = state;
  const spent = isSpent(session, now);
  const wrong = checkProblem(moment);
  const tone = spent ? "bad" : state.name === "retrying" || wrong ? "wait" : "good";
  return card(
    noticeOf(moment),
    pill(tone, words.text(`${state.name}.pill`)),
    heading(moment, spent ? "connected.title_spent" : "connected.title"),
    element("p", { class: "who" }, whose(moment, session)),
    state.name === "retrying" ? retryingText(moment, state, spent) : wrong ? null : promise(moment, session),
    wrong,
    spent && session.renewable ? element("div", { class: "actions" }, refreshAction(moment, state, "primary")) : null,
    session.storage === "memory" ? element("p", { class: "small" }, words.text("connected.only_in_memory")) : null,
    toolChoice(moment),
    practiceEnd(moment),
    message.check.possible ? element("p", { class: "small checked" }, words.text("fact.check"), ": ", lastCheck(moment)) : null,
    element(
      "details",
      { id: "more" },
      element("summary", { id: "more-title" }, words.text("connected.more")),
      tokenCard(moment, session, isMisplaced(moment)),
      moment.disconnecting ? disconnectQuestion(moment) : connectedActions(moment, state, spent),
      details(moment, state),
    ),
  );
}

/**
 * Practice ends where the real thing begins.
 * @param {Moment} moment
 */
function practiceEnd(moment) {
  const { message, words } = moment;
  if (message.account?.environment !== "practice") return null;
  return element(
    "section",
    { class: "practice-end" },
    element("p", {}, words.text("practice.end")),
    element("div", { class: "actions" }, editAction(moment, "primary", "use-own")),
  );
}

/**
 * What the seller can rely on from now on.
 * @param {Moment} moment
 * @param {Session} session
 */
function promise(moment, session) {
  const { words, now } = moment;
  if (!session.renewable) return element("p", { class: "lead" }, words.text("connected.text_does_not_renew"));
  const { reconnectBy } = session;
  const text = reconnectBy === null ? words.text("connected.text") : words.text("connected.text_until", { moment: words.moment(reconnectBy, now) });
  return element("p", { class: "lead" }, text);
}

/**
 * Whose account it is, and where.
 * @param {Moment} moment
 * @param {Session} session
 */
function whose({ message, words }, session) {
  const { account } = message;
  const who = session.seller ?? checkedWho(message) ?? (account ? accountName(words, account) : "");
  const where = account ? placeOf(words, account) : "";
  return [element("strong", {}, who), who === where ? null : ` · ${where}`];
}

/**
 * @param {Moment} moment
 * @param {Extract<View, { session: Session }>} state
 * @param {boolean} spent
 */
function connectedActions(moment, state, spent) {
  const { message, words } = moment;
  return element(
    "div",
    { class: "actions pair" },
    state.session.renewable && !spent ? refreshAction(moment, state) : null,
    checkAction(moment),
    action("disconnect", words.text("action.disconnect"), () => moment.askToDisconnect(message.account?.id ?? null)),
  );
}

/**
 * What few look for: facts, and the way to another login.
 * @param {Moment} moment
 * @param {Extract<View, { session: Session }>} state
 */
function details(moment, state) {
  const { words } = moment;
  const reconnect = action("reconnect", words.text("action.reconnect"), ask(moment, "connect"), "quiet");
  if (state.name === "refreshing") reconnect.setAttribute("aria-disabled", "true");
  return element(
    "details",
    { id: "details" },
    element("summary", { id: "details-title" }, words.text("connected.details")),
    facts(moment, state.session),
    state.session.hasRefreshToken ? refreshToken(moment) : null,
    element("div", { class: "actions" }, reconnect, anotherAccountAction(moment), editAction(moment, "quiet")),
  );
}

/** @param {Moment} moment */
function disconnectQuestion(moment) {
  const { words, askToDisconnect } = moment;
  const sure = action("disconnect-now", words.text("action.disconnect"), ask(moment, "disconnect"), "danger");
  const stay = action("stay", words.text("action.stay"), () => askToDisconnect(null), "primary");
  return element(
    "div",
    { role: "group" },
    element("p", { class: "lead" }, words.text("disconnect.question")),
    element("div", { class: "actions" }, stay, sure),
  );
}

/**
 * @param {Moment} moment
 * @param {Extract<View, { name: "retrying" }>} state
 * @param {boolean} spent
 */
function retryingText(moment, state, spent) {
  const { words } = moment;
  const reason = errorText(moment, state.error);
  return element(
    "div",
    { class: "lead" },
    element("p", {}, words.text(state.answerMayBeLost ? "retrying.may_be_lost" : spent ? "retrying.spent" : "retrying.still_valid"), " ", reason),
    state.reconnectingMayHelp ? element("p", {}, words.text("retrying.reconnect")) : null,
    state.reconnectingMayHelp ? element("div", { class: "actions" }, action("reconnect-now", words.text("action.reconnect"), ask(moment, "connect"))) : null,
    countdown("small", "retrying.next", state.nextAt),
    element("p", { class: "code" }, words.text("failed.code", { code: state.error })),
    serverWords(moment, state.server),
  );
}

/**
 * @param {Moment} moment
 * @param {Extract<View, { session: Session }>} state
 * @param {string} [className]
 */
function refreshAction(moment, state, className = "") {
  const key = { connected: "action.refresh", refreshing: "action.refreshing", retrying: "action.try_now" }[state.name];
  const button = action("refresh", moment.words.text(key), ask(moment, "refresh"), className);
  if (state.name === "refreshing") button.setAttribute("aria-disabled", "true");
  return button;
}

/**
 * @param {Moment} moment
 * @param {Session} session
 */
function facts(moment, session) {
  const { message, words } = moment;
  const scope = session.scope ?? message.account?.requestedScope ?? "";
  const permissions = scope
    .split(/\s+/)
    .filter(Boolean)
    .map((name) => (words.has(`scope.${name}`) ? words.text(`scope.${name}`) : name));
  const list = new Intl.ListFormat(words.language, { type: "conjunction" }).format(permissions);
  /** @type {[string, string | HTMLElement][]} */
  const rows = [
    ["fact.permissions", list || words.text("fact.default_permissions")],
    ["fact.renewal", words.text(session.renewable ? "fact.renews" : "fact.does_not_renew")],
  ];
  return element(
    "dl",
    { class: "facts" },
    rows.flatMap(([key, value]) => [element("dt", {}, words.text(key)), element("dd", {}, value)]),
  );
}
