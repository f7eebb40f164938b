// Draws one moment. Every state of the connection has a function of its own;
// each says what happened and offers one main action.

import { call, saveAccount, setLanguage } from "./bridge.js";
import { credentialsForm } from "./form.js";
import { action, card, element, note, pill } from "./elements.js";
import { languages, Words } from "./i18n.js";

/** @typedef {import("./bridge.js").Message} Message */
/** @typedef {import("./bridge.js").Session} Session */
/** @typedef {{ message: Message, words: Words, now: number }} Moment */

/** What was drawn last, to know what changed. */
let drawnState = "";
let drawnLanguage = "";
let drawnKey = "";
/** The seller asked to see the form while another state goes on. */
let editing = false;
/** @type {Moment | null} */
let last = null;

/**
 * @param {Message} message
 * @param {Words} words
 * @param {number} now in seconds since the epoch
 */
export function draw(message, words, now) {
  last = { message, words, now };
  document.documentElement.lang = words.language;
  document.body.dataset.state = message.state.name;
  const { now: _, ...lasting } = message;
  const key = JSON.stringify([lasting, words.language, editing]);
  if (key === drawnKey) return;
  const state = editing ? "editing" : message.state.name;
  const focused = document.activeElement?.id;

  drawTop(last);
  byId("alerts").replaceChildren(...alerts(last));
  // A form that is being filled in stays as it is.
  const sameForm =
    state === drawnState && words.language === drawnLanguage && byId("main").querySelector("form");
  if (!sameForm) byId("main").replaceChildren(...content(last));
  drawFooter(last);
  tick(now);

  if (state !== drawnState) {
    const heading = byId("main").querySelector("h1");
    // The words that were read out before are not read out again.
    byId("status").textContent = heading?.textContent ?? "";
    if (drawnState && heading) heading.focus({ preventScroll: false });
  } else if (focused) {
    document.getElementById(focused)?.focus();
  }
  drawnState = state;
  drawnLanguage = words.language;
  drawnKey = key;
}

/**
 * Counts down what counts down, without drawing anew.
 * @param {number} now
 */
export function tick(now) {
  if (!last) return;
  const { words } = last;
  for (const node of document.querySelectorAll("[data-until]")) {
    const { until, key } = /** @type {HTMLElement} */ (node).dataset;
    node.textContent = words.text(key ?? "", { time: words.duration(Number(until) - now) });
  }
  for (const node of document.querySelectorAll("[data-bar-from]")) {
    const { barFrom, barUntil } = /** @type {HTMLElement} */ (node).dataset;
    const share = (Number(barUntil) - now) / Math.max(1, Number(barUntil) - Number(barFrom));
    /** @type {HTMLElement} */ (node).style.width = `${Math.min(100, Math.max(0, share * 100))}%`;
  }
}

/** @param {string} id */
const byId = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

/** @param {boolean} open */
function edit(open) {
  editing = open;
  if (last) draw(last.message, last.words, last.now);
}

/** @param {Moment} moment */
function drawTop({ message, words }) {
  const badge = byId("environment");
  const environment = message.account?.environment;
  badge.hidden = !environment;
  badge.textContent = environment ? words.text(`environment.${environment}`) : "";
  badge.classList.toggle("practice", environment === "practice");
}

/** @param {Moment} moment */
function drawFooter({ words }) {
  const footer = byId("footer");
  if (footer.lang === words.language) return;
  footer.lang = words.language;
  const select = /** @type {HTMLSelectElement} */ (element("select", { id: "language" }));
  for (const language of languages) {
    const option = element("option", { value: language, lang: language }, new Words(language).text("language.name"));
    select.append(option);
  }
  select.value = words.language;
  select.addEventListener("change", () => void setLanguage(select.value));
  footer.replaceChildren(
    element("span", {}, words.text("about.independent")),
    element("label", {}, words.text("language.label"), select),
  );
}

/** @param {Moment} moment */
function alerts({ message, words }) {
  /** @type {HTMLElement[]} */
  const shown = [];
  if (message.settingsProblem) {
    shown.push(note("settings-problem", words.text(`settings.${message.settingsProblem}`)));
  }
  return shown;
}

/** @param {Moment} moment */
function content(moment) {
  if (editing) return form(moment);
  const { state } = moment.message;
  switch (state.name) {
    case "loading":
    case "exchanging":
    case "disconnecting":
      return [progress(moment, state.name)];
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

/** @param {Moment} moment */
function noticeOf({ message, words }) {
  const { notice } = message;
  if (!notice) return null;
  const reason = notice.error ? words.text(`error.${notice.error}`) : "";
  const dismiss = action("dismiss", words.text("action.dismiss"), () => call("dismiss_notice"), "quiet");
  return note("notice", words.text(`notice.${notice.code}`, { reason }), dismiss);
}

/** @param {Moment} moment */
function heading({ words }, /** @type {string} */ key) {
  return element("h1", { tabindex: "-1" }, words.text(key));
}

/**
 * @param {Moment} moment
 * @param {"loading" | "exchanging" | "disconnecting"} name
 */
function progress(moment, name) {
  const { words } = moment;
  const cancel = action("cancel", words.text("action.cancel"), () => call("cancel"));
  return card(
    element("div", { class: "spinner", "aria-hidden": "true" }),
    heading(moment, `${name}.title`),
    element("p", { class: "lead" }, words.text(`${name}.text`)),
    name === "exchanging" ? element("div", { class: "actions" }, cancel) : null,
  );
}

/** @param {Moment} moment */
function form(moment) {
  const { message, words } = moment;
  const canGoBack = editing && message.state.name !== "unconfigured";
  const credentials = credentialsForm(message.account, words, {
    save: async (form) => {
      await saveAccount(form);
      edit(false);
    },
    cancel: canGoBack ? () => edit(false) : null,
  });
  if (message.account?.environment === "practice") return [credentials];
  // Above the form, so that both ways are in sight on the first start.
  const practice = element(
    "section",
    { class: "card slim" },
    element("p", {}, element("strong", {}, words.text("practice.title")), " ", words.text("practice.text")),
    action("use-practice", words.text("practice.action"), usePractice, "quiet"),
  );
  return [practice, credentials];
}

async function usePractice() {
  await call("use_practice");
  edit(false);
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

/** @param {Moment} moment */
function connectAction({ words }, /** @type {string} */ key, primary = true) {
  return action("connect", words.text(key), () => call("connect"), primary ? "primary" : "");
}

/** @param {Moment} moment */
function editAction({ message, words }, primary = false) {
  const practice = message.account?.environment === "practice";
  const label = words.text(practice ? "action.use_own" : "action.edit");
  return action("edit", label, () => edit(true), primary ? "primary" : "");
}

/**
 * @param {Moment} moment
 * @param {Extract<import("./bridge.js").State, { name: "awaiting_browser" }>} state
 */
function awaitingBrowser(moment, state) {
  const { words } = moment;
  const stuck = state.browser === "did_not_open";
  const again = action("open-browser", words.text("action.open_again"), () => call("open_browser"), stuck ? "" : "primary");
  const copy = action("copy-link", words.text("action.copy_link"), () => call("copy_link"), stuck ? "primary" : "");
  return card(
    noticeOf(moment),
    pill("wait", words.text("awaiting.pill")),
    heading(moment, "awaiting.title"),
    element("p", { class: "lead" }, words.text(stuck ? "awaiting.did_not_open" : "awaiting.text")),
    countdown("clock", "awaiting.time_left", state.expiresAt),
    element("div", { class: "actions" }, stuck ? [copy, again] : [again, copy]),
    element(
      "details",
      {},
      element("summary", {}, words.text("awaiting.nothing_happened")),
      element("p", { class: "small" }, words.text("awaiting.paste")),
      element("div", { class: "actions" }, action("paste", words.text("action.paste"), () => call("paste_address"))),
    ),
    element(
      "div",
      { class: "actions" },
      action("cancel", words.text("action.cancel"), () => call("cancel")),
    ),
  );
}

/**
 * @param {Moment} moment
 * @param {Extract<import("./bridge.js").State, { session: Session }>} state
 */
function connected(moment, state) {
  const { message, words, now } = moment;
  const { session } = state;
  const spent = session.expiresAt !== null && session.expiresAt <= now;
  const tone = state.name === "retrying" ? "wait" : "good";
  return card(
    noticeOf(moment),
    pill(tone, words.text(`${state.name}.pill`)),
    heading(moment, "connected.title"),
    state.name === "retrying" ? retryingText(moment, state, spent) : element("p", { class: "lead" }, words.text(session.renewable ? "connected.text" : "connected.text_does_not_renew")),
    message.clipboardClearsAt ? countdown("small copied", "connected.copied", message.clipboardClearsAt) : null,
    facts(moment, session),
    session.onlyInMemory ? element("p", { class: "small" }, words.text("connected.only_in_memory")) : null,
    element(
      "div",
      { class: "actions" },
      spent ? null : action("copy-token", words.text("action.copy_token"), () => call("copy_token"), "primary"),
      session.renewable ? refreshAction(moment, state) : null,
      action("disconnect", words.text("action.disconnect"), () => call("disconnect")),
      state.name === "refreshing" ? null : action("reconnect", words.text("action.reconnect"), () => call("connect")),
    ),
  );
}

/**
 * @param {Moment} moment
 * @param {Extract<import("./bridge.js").State, { name: "retrying" }>} state
 * @param {boolean} spent
 */
function retryingText({ words }, state, spent) {
  return element(
    "div",
    { class: "lead" },
    element("p", {}, words.text(spent ? "retrying.spent" : "retrying.still_valid"), " ", words.text(`error.${state.error}`)),
    countdown("small", "retrying.next", state.nextAt),
  );
}

/**
 * @param {Moment} moment
 * @param {Extract<import("./bridge.js").State, { session: Session }>} state
 */
function refreshAction({ words }, state) {
  const key = { connected: "action.refresh", refreshing: "action.refreshing", retrying: "action.try_now" }[state.name];
  const button = action("refresh", words.text(key), () => call("refresh"));
  button.toggleAttribute("aria-disabled", state.name === "refreshing");
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
    ["fact.valid", validity({ message, words, now }, session)],
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
 * @param {Moment} moment
 * @param {Session} session
 */
function validity({ words, now }, session) {
  if (session.expiresAt === null) return words.text("fact.validity_unknown");
  const until = words.text("fact.valid_until", { moment: words.moment(session.expiresAt, now) });
  return element("span", {}, countdown("expiry", "fact.valid_for", session.expiresAt, "span"), " ", until);
}

/**
 * @param {Moment} moment
 * @param {Extract<import("./bridge.js").State, { name: "expired" }>} state
 */
function expired(moment, state) {
  return stopped(moment, "bad", "expired.title", `expired.${state.reason}`, serverCode(moment, state.serverCode));
}

/**
 * @param {Moment} moment
 * @param {Extract<import("./bridge.js").State, { name: "failed" }>} state
 */
function failed(moment, state) {
  const { words } = moment;
  const next = words.text(state.tryingAgainHelps ? "failed.try_again" : "failed.check_settings");
  return stopped(moment, "bad", "failed.title", `error.${state.error}`, [
    element("p", { class: "lead" }, next),
    element("p", { class: "small" }, words.text("failed.code", { code: state.error })),
    ...serverCode(moment, state.serverCode),
  ], !state.tryingAgainHelps);
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
 * @param {HTMLElement[]} [more]
 * @param {boolean} [editFirst] whether the credentials have to change before connecting again can help
 */
function stopped(moment, tone, title, text, more = [], editFirst = false) {
  const { words } = moment;
  const ways = [connectAction(moment, "action.connect_again", !editFirst), editAction(moment, editFirst)];
  if (editFirst) ways.reverse();
  return card(
    noticeOf(moment),
    pill(tone, words.text("disconnected.pill")),
    heading(moment, title),
    element("p", { class: "lead" }, words.text(text)),
    more,
    element("div", { class: "actions" }, ways),
  );
}

/**
 * @param {Moment} moment
 * @param {Extract<import("./bridge.js").State, { name: "keyring_locked" | "keyring_missing" }>} state
 */
function keyring(moment, state) {
  const { words } = moment;
  const kind = state.name === "keyring_locked" ? "locked" : state.problem;
  const unlocking = state.name === "keyring_locked" && state.unlocking;
  const unlock = action(
    "unlock",
    words.text(kind === "locked" ? "action.unlock" : "action.try_again"),
    () => call("unlock_keyring"),
    "primary",
  );
  return card(
    pill("wait", words.text("keyring.pill")),
    heading(moment, `keyring.${kind}.title`),
    element("p", { class: "lead" }, words.text(`keyring.${kind}.text`)),
    element("p", { class: "lead" }, words.text(state.tokensWaiting ? "keyring.tokens_waiting" : "keyring.nothing_lost")),
    unlocking ? element("p", { class: "small" }, words.text("keyring.unlocking")) : null,
    element("div", { class: "actions" }, unlock),
    element(
      "details",
      {},
      element("summary", {}, words.text("keyring.without")),
      element("p", { class: "small" }, words.text("keyring.memory_hint")),
      element("div", { class: "actions" }, action("keep-in-memory", words.text("action.keep_in_memory"), () => call("keep_in_memory"))),
    ),
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
