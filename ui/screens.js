// What each state of the connection looks like: what happened, what is safe,
// and one main action.

import { call, saveAccount } from "./bridge.js";
import { action, card, element, note, pill } from "./elements.js";
import { credentialsForm } from "./form.js";

/** @typedef {import("./bridge.js").Message} Message */
/** @typedef {import("./bridge.js").Session} Session */
/** @typedef {import("./bridge.js").State} State */
/** @typedef {import("./i18n.js").Words} Words */

/**
 * What a screen is drawn from: the program's moment, and what the seller is
 * doing in the window alone.
 * @typedef {object} Moment
 * @property {Message} message
 * @property {Words} words
 * @property {number} now in seconds since the epoch
 * @property {boolean} editing the form is open while another state goes on
 * @property {boolean} leaving Disconnect was clicked and is asked once more
 * @property {(open: boolean) => void} edit
 * @property {(asked: boolean) => void} leave
 */

/**
 * Whether the access token has ended.
 * @param {Session} session
 * @param {number} now
 */
export function isSpent(session, now) {
  return session.expiresAt !== null && session.expiresAt <= now;
}

/**
 * What the window's middle shows.
 * @param {Moment} moment
 * @param {string} screen
 */
export function content(moment, screen) {
  const { state } = moment.message;
  if (screen === "form") return form(moment);
  switch (state.name) {
    case "loading":
    case "disconnecting":
      return [progress(moment, state.name, false)];
    case "exchanging":
      return [progress(moment, state.name, state.canCancel)];
    case "unconfigured":
      return form(moment);
    case "disconnected":
      return [disconnected(moment)];
    case "awaiting_browser":
      return [awaitingBrowser(moment, state)];
    case "connected":
    case "refreshing":
    case "retrying":
      return [connected(moment, state)];
    case "denied":
      return [stopped(moment, "idle", "denied.title", "denied.text")];
    case "expired":
      return [expired(moment, state)];
    case "keyring_locked":
    case "keyring_missing":
      return [keyring(moment, state)];
    case "failed":
      return [failed(moment, state)];
  }
}

/**
 * What the notice says, if there is one.
 * @param {Moment} moment
 */
export function noticeText({ message, words }) {
  const { notice } = message;
  if (!notice) return "";
  const reason = notice.error ? words.text(`error.${notice.error}`) : "";
  return words.text(`notice.${notice.code}`, { reason });
}

/** @param {Moment} moment */
function noticeOf(moment) {
  const { message, words } = moment;
  if (!message.notice) return null;
  const { error } = message.notice;
  const dismiss = action("dismiss", words.text("action.dismiss"), () => call("dismiss_notice"), "quiet");
  const code = error ? element("p", { class: "code" }, words.text("failed.code", { code: error })) : null;
  return note("notice", [noticeText(moment), code], dismiss);
}

/**
 * @param {Moment} moment
 * @param {string} key
 */
function heading({ words }, key) {
  return element("h1", { id: "title", tabindex: "-1" }, words.text(key));
}

/**
 * @param {Moment} moment
 * @param {"loading" | "exchanging" | "disconnecting"} name
 * @param {boolean} canCancel
 */
function progress(moment, name, canCancel) {
  const { words } = moment;
  return card(
    element("div", { class: "spinner", "aria-hidden": "true" }),
    heading(moment, `${name}.title`),
    element("p", { class: "lead" }, words.text(`${name}.text`)),
    canCancel ? element("div", { class: "actions" }, cancelAction(moment)) : null,
  );
}

/** @param {Moment} moment */
function cancelAction({ words }) {
  return action("cancel", words.text("action.cancel"), () => call("cancel"));
}

/** @param {Moment} moment */
function form(moment) {
  const { message, words } = moment;
  const { editing, edit } = moment;
  const canGoBack = editing && message.state.name !== "unconfigured";
  const credentials = credentialsForm(message, words, {
    save: async (form) => {
      await saveAccount(form);
      edit(false);
    },
    cancel: canGoBack ? () => edit(false) : null,
  });
  if (message.account?.environment === "practice") return [credentials];
  const usePractice = async () => {
    await call("use_practice");
    edit(false);
  };
  // Above the form, so that both ways are in sight on the first start.
  const practice = element(
    "section",
    { class: "card slim" },
    element("p", {}, element("strong", {}, words.text("practice.title")), " ", words.text("practice.text")),
    action("use-practice", words.text("practice.action"), usePractice, "quiet"),
  );
  return [practice, credentials];
}

/** @param {Moment} moment */
function disconnected(moment) {
  const { words } = moment;
  return card(
    noticeOf(moment),
    pill("idle", words.text("disconnected.pill")),
    heading(moment, "disconnected.title"),
    element("p", { class: "lead" }, words.text("disconnected.text")),
    element("div", { class: "actions" }, connectAction(moment, "action.connect"), editAction(moment)),
  );
}

/**
 * @param {Moment} moment
 * @param {string} key
 * @param {boolean} [primary]
 */
function connectAction({ words }, key, primary = true) {
  return action("connect", words.text(key), () => call("connect"), primary ? "primary" : "");
}

/**
 * The way to the seller's own credentials: the form, or back from practice.
 * @param {Moment} moment
 * @param {string} [className]
 */
function editAction({ message, words, edit }, className = "") {
  const practising = message.account?.environment === "practice";
  const label = words.text(practising ? "action.use_own" : "action.edit");
  const act = practising && message.hasOwnAccount ? () => call("use_own_account") : () => edit(true);
  return action("edit", label, act, className);
}

/**
 * @param {Moment} moment
 * @param {Extract<State, { name: "awaiting_browser" }>} state
 */
function awaitingBrowser(moment, state) {
  const { words } = moment;
  const stuck = state.browser === "did_not_open";
  const text = { opening: "awaiting.opening", opened: "awaiting.text", did_not_open: "awaiting.did_not_open" };
  const again = action("open-browser", words.text("action.open_again"), () => call("open_browser"), stuck ? "" : "primary");
  const copy = action("copy-link", words.text("action.copy_link"), () => call("copy_link"), stuck ? "primary" : "");
  const paste = action("paste", words.text("action.paste"), () => call("paste_address"));
  return card(
    noticeOf(moment),
    pill("wait", words.text("awaiting.pill")),
    heading(moment, "awaiting.title"),
    element("p", { class: "lead" }, words.text(text[state.browser])),
    countdown("clock", "awaiting.time_left", state.expiresAt),
    element("div", { class: "actions" }, stuck ? [copy, again] : [again, copy]),
    more("no-answer", words.text("awaiting.nothing_happened"), words.text("awaiting.paste"), paste),
    element("div", { class: "actions" }, cancelAction(moment)),
  );
}

/**
 * @param {Moment} moment
 * @param {Extract<State, { session: Session }>} state
 */
function connected(moment, state) {
  const { words, now } = moment;
  const { session } = state;
  const spent = isSpent(session, now);
  const text = session.renewable ? "connected.text" : "connected.text_does_not_renew";
  return card(
    noticeOf(moment),
    pill(state.name === "retrying" ? "wait" : "good", words.text(`${state.name}.pill`)),
    heading(moment, "connected.title"),
    state.name === "retrying" ? retryingText(moment, state, spent) : element("p", { class: "lead" }, words.text(text)),
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
  const copy = action("copy-token", words.text("action.copy_token"), () => call("copy_token"), "primary");
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
      action("disconnect", words.text("action.disconnect"), () => moment.leave(true)),
    ),
    element("div", { class: "actions" }, reconnect, editAction(moment, "quiet")),
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
function retryingText({ words }, state, spent) {
  const reason = words.text(`error.${state.error}`);
  return element(
    "div",
    { class: "lead" },
    element("p", {}, words.text(spent ? "retrying.spent" : "retrying.still_valid"), " ", reason),
    countdown("small", "retrying.next", state.nextAt),
    element("p", { class: "code" }, words.text("failed.code", { code: state.error })),
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
function facts({ message, words, now }, session) {
  const scope = session.scope ?? message.account?.requestedScope ?? "";
  const permissions = scope
    .split(/\s+/)
    .filter(Boolean)
    .map((name) => (words.has(`scope.${name}`) ? words.text(`scope.${name}`) : name));
  const list = new Intl.ListFormat(words.language, { type: "conjunction" }).format(permissions);
  const environment = message.account?.environment ?? "hotmart";
  /** @type {[string, string | HTMLElement][]} */
  const rows = [
    ["fact.account", words.text(environment === "practice" ? "fact.practice_account" : "fact.main_account")],
    ["fact.environment", words.text(`environment.${environment}`)],
    ["fact.permissions", list || words.text("fact.default_permissions")],
    ["fact.valid", validity(words, now, session)],
    ["fact.renewal", words.text(session.renewable ? "fact.renews" : "fact.does_not_renew")],
  ];
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

/**
 * @param {Moment} moment
 * @param {Extract<State, { name: "expired" }>} state
 */
function expired(moment, state) {
  return stopped(moment, "bad", "expired.title", `expired.${state.reason}`, serverCode(moment, state.serverCode));
}

/**
 * @param {Moment} moment
 * @param {Extract<State, { name: "failed" }>} state
 */
function failed(moment, state) {
  const { words } = moment;
  const next = words.text(state.tryingAgainHelps ? "failed.try_again" : "failed.check_settings");
  const codes = [
    element("p", { class: "lead" }, next),
    element("p", { class: "small" }, words.text("failed.code", { code: state.error })),
    ...serverCode(moment, state.serverCode),
  ];
  return stopped(moment, "bad", "failed.title", `error.${state.error}`, codes, !state.tryingAgainHelps);
}

/**
 * @param {Moment} moment
 * @param {string | null} code
 */
function serverCode({ words }, code) {
  return code ? [element("p", { class: "small" }, words.text("failed.server_code", { code }))] : [];
}

/**
 * A state from which connecting again is the way on.
 * @param {Moment} moment
 * @param {"bad" | "idle"} tone
 * @param {string} title
 * @param {string} text
 * @param {HTMLElement[]} [details]
 * @param {boolean} [editFirst] whether the credentials have to change before connecting again can help
 */
function stopped(moment, tone, title, text, details = [], editFirst = false) {
  const { words } = moment;
  const connect = connectAction(moment, "action.connect_again", !editFirst);
  const edit = editAction(moment, editFirst ? "primary" : "");
  return card(
    noticeOf(moment),
    pill(tone, words.text("disconnected.pill")),
    heading(moment, title),
    element("p", { class: "lead" }, words.text(text)),
    details,
    element("div", { class: "actions" }, editFirst ? [edit, connect] : [connect, edit]),
  );
}

/**
 * @param {Moment} moment
 * @param {Extract<State, { name: "keyring_locked" | "keyring_missing" }>} state
 */
function keyring(moment, state) {
  const { words } = moment;
  const { tokensWaiting, canCancel, canKeepInMemory } = state.keyring;
  const kind = state.name === "keyring_locked" ? "locked" : state.problem;
  const unlocking = state.name === "keyring_locked" && state.unlocking;
  const label = words.text(kind === "locked" ? "action.unlock" : "action.try_again");
  const unlock = action("unlock", label, () => call("unlock_keyring"), "primary");
  const keep = action("keep-in-memory", words.text("action.keep_in_memory"), () => call("keep_in_memory"));
  return card(
    pill("wait", words.text("keyring.pill")),
    heading(moment, `keyring.${kind}.title`),
    element("p", { class: "lead" }, words.text(`keyring.${kind}.text`)),
    element("p", { class: "lead" }, words.text(tokensWaiting ? "keyring.tokens_waiting" : "keyring.nothing_lost")),
    unlocking ? element("p", { class: "small" }, words.text("keyring.unlocking")) : null,
    element("div", { class: "actions" }, unlock, canCancel ? cancelAction(moment) : null),
    element("p", { class: "code" }, words.text("failed.code", { code: `keyring_${kind}` })),
    canKeepInMemory ? more("without-keyring", words.text("keyring.without"), words.text("keyring.memory_hint"), keep) : null,
  );
}

/**
 * Something that few need: a line that opens.
 * @param {string} id
 * @param {string} title
 * @param {string} text
 * @param {HTMLElement} button
 */
function more(id, title, text, button) {
  return element(
    "details",
    { id },
    element("summary", { id: `${id}-title` }, title),
    element("p", { class: "small" }, text),
    element("div", { class: "actions" }, button),
  );
}

/**
 * A text with a time in it that counts down.
 * @param {string} className
 * @param {string} key
 * @param {number} until
 * @param {"p" | "span"} [tag]
 */
function countdown(className, key, until, tag = "p") {
  return element(tag, { class: className, "data-until": String(until), "data-key": key });
}
