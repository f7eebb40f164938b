// Draws one moment. Every state of the connection has a function of its own;
// each says what happened and offers one main action.

import { call, saveAccount, setLanguage } from "./bridge.js";
import { PROBLEM, action, card, element, note, pill } from "./elements.js";
import { credentialsForm, sentence } from "./form.js";
import { languages, Words } from "./i18n.js";

/** @typedef {import("./bridge.js").Message} Message */
/** @typedef {import("./bridge.js").Session} Session */
/** @typedef {import("./bridge.js").State} State */
/** @typedef {{ message: Message, words: Words, now: number }} Moment */
/** @typedef {import("./elements.js").Child} Child */

/** What was drawn last, to know what changed. */
let drawnScreen = "";
let drawnLanguage = "";
let drawnKey = "";
/** The seller asked to see the form while another state goes on. */
let editing = false;
/** The seller clicked Disconnect and is asked once more. */
let leaving = false;
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
 * @param {Words} words
 * @param {number} now in seconds since the epoch
 */
export function draw(message, words, now) {
  last = { message, words, now };
  document.documentElement.lang = words.language;
  document.body.dataset.state = message.state.name;
  const screen = editing ? "form" : screenOf(message.state);
  if (screen !== "connected") leaving = false;
  const { now: _, ...lasting } = message;
  const spent = "session" in message.state && isSpent(message.state.session, now);
  const key = JSON.stringify([lasting, words.language, editing, leaving, spent, problem]);
  if (key === drawnKey) return;

  const main = byId("main");
  const focused = document.activeElement?.id ?? "";
  const sameScreen = screen === drawnScreen;
  drawTop(last);
  byId("alerts").replaceChildren(...alerts(last));
  // A form that is being filled in stays as it is.
  if (!(screen === "form" && sameScreen && words.language === drawnLanguage)) {
    const kept = sameScreen ? keep(main) : null;
    main.replaceChildren(...content(last, screen));
    kept?.();
  }
  drawFooter(last);
  tick(now);
  moveFocus(main, focused, sameScreen);
  announce(last, sameScreen);
  drawnScreen = screen;
  drawnLanguage = words.language;
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
 * Remembers what was typed and what was opened, and gives a function that puts it back.
 * @param {HTMLElement} root
 */
function keep(root) {
  const typed = [.../** @type {NodeListOf<HTMLInputElement>} */ (root.querySelectorAll("input, select"))];
  const values = typed.map((field) => /** @type {const} */ ([field.id, field.value]));
  const opened = [...root.querySelectorAll("details[open]")].map((details) => details.id);
  return () => {
    for (const [id, value] of values) {
      const field = /** @type {HTMLInputElement | null} */ (document.getElementById(id));
      if (!field) continue;
      field.value = value;
      if (field.tagName === "SELECT") field.dispatchEvent(new Event("change"));
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
    (document.getElementById(focused) ?? heading)?.focus();
  }
}

/**
 * Has the news read out: a new screen's heading, or what happened on the same one.
 * @param {Moment} moment
 * @param {boolean} sameScreen
 */
function announce(moment, sameScreen) {
  const { message, words } = moment;
  const news = sameScreen ? [] : [byId("main").querySelector("h1")?.textContent ?? ""];
  if (message.notice) news.push(noticeText(moment));
  if (message.clipboardClearsAt) news.push(words.text("connected.copied_announced"));
  const text = news.join(" ");
  if (byId("status").textContent !== text) byId("status").textContent = text;
}

/**
 * Counts down what counts down, without drawing anew.
 * @param {number} now
 */
export function tick(now) {
  if (!last) return;
  const { message, words } = last;
  for (const node of document.querySelectorAll("[data-until]")) {
    const { until, key } = /** @type {HTMLElement} */ (node).dataset;
    node.textContent = words.text(key ?? "", { time: words.duration(Number(until) - now) });
  }
  for (const node of document.querySelectorAll("[data-bar-from]")) {
    const { barFrom, barUntil } = /** @type {HTMLElement} */ (node).dataset;
    const share = (Number(barUntil) - now) / Math.max(1, Number(barUntil) - Number(barFrom));
    /** @type {HTMLElement} */ (node).style.width = `${Math.min(100, Math.max(0, share * 100))}%`;
  }
  // What may be done changes when the token ends.
  if ("session" in message.state && isSpent(message.state.session, now) !== isSpent(message.state.session, last.now)) {
    draw(message, words, now);
  }
}

/**
 * @param {Session} session
 * @param {number} now
 */
function isSpent(session, now) {
  return session.expiresAt !== null && session.expiresAt <= now;
}

/** @param {string} id */
const byId = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

/** @param {boolean} open */
function edit(open) {
  editing = open;
  problem = null;
  redraw();
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
    select.append(element("option", { value: language, lang: language }, new Words(language).text("language.name")));
  }
  select.value = words.language;
  select.addEventListener("change", async () => {
    try {
      await setLanguage(select.value);
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
function alerts({ message, words }) {
  /** @type {HTMLElement[]} */
  const shown = [];
  if (problem !== null) {
    const dismiss = action("dismiss-problem", words.text("action.dismiss"), () => edit(editing), "quiet");
    const alert = note("problem", sentence(words, problem), dismiss);
    alert.setAttribute("role", "alert");
    shown.push(alert);
  }
  if (message.settingsProblem) {
    const path = words.text("settings_file", { path: message.settingsFile });
    const code = words.text("failed.code", { code: `settings_${message.settingsProblem}` });
    const text = words.text(`settings.${message.settingsProblem}`);
    shown.push(note("settings-problem", [text, element("p", { class: "code" }, path, " · ", code)]));
  }
  return shown;
}

/**
 * @param {Moment} moment
 * @param {string} screen
 */
function content(moment, screen) {
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

/** @param {Moment} moment */
function noticeText({ message, words }) {
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
  return element("h1", { tabindex: "-1" }, words.text(key));
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
  const canGoBack = editing && message.state.name !== "unconfigured";
  const credentials = credentialsForm(message, words, {
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
function editAction({ message, words }, className = "") {
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
    leaving ? leavingQuestion(moment) : connectedActions(moment, state, spent),
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
      action("disconnect", words.text("action.disconnect"), () => leave(true)),
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
function leavingQuestion({ words }) {
  const sure = action("disconnect-now", words.text("action.disconnect"), () => call("disconnect"));
  const stay = action("stay", words.text("action.stay"), () => leave(false), "primary");
  return element(
    "div",
    { role: "group" },
    element("p", { class: "lead" }, words.text("disconnect.question")),
    element("div", { class: "actions" }, stay, sure),
  );
}

/** @param {boolean} asked */
function leave(asked) {
  leaving = asked;
  redraw();
  byId(asked ? "stay" : "disconnect").focus();
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
