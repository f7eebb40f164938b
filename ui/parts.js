// What several screens are made of.

import { addAccount, request } from "./bridge.js";
import { action, element, note } from "./elements.js";

/** @typedef {import("./types.js").Message} Message */
/** @typedef {import("./types.js").Session} Session */
/** @typedef {import("./i18n.js").Translations} Translations */
/** @typedef {"edit" | "new" | "fields" | "accounts" | "settings" | `use-${string}` | null} OpenPanel */

/**
 * What a screen is drawn from: the program's moment, and what the seller is
 * doing in the window alone.
 * @typedef {object} Moment
 * @property {Message} message
 * @property {Translations} words
 * @property {number} now in seconds since the epoch
 * @property {OpenPanel} panel what is open instead of the state
 * @property {string | null} removing the account whose removal is asked once more
 * @property {boolean} disconnecting whether Disconnect was clicked for the account that is shown, and is asked once more
 * @property {(panel: OpenPanel) => void} go
 * @property {(id: string | null) => void} askToRemove
 * @property {(account: string | null) => void} askToDisconnect
 */

/** In Windows' PowerShell the name alone is another program's. */
export const CURL = navigator.userAgent.includes("Windows") ? "curl.exe" : "curl";

/**
 * Asks something of the connection that is drawn, whatever the program shows
 * when it is clicked on.
 * @param {Moment} moment
 * @param {import("./types.js").Request | Exclude<import("./types.js").Request["name"], "copy">} wanted
 */
export function ask({ message }, wanted) {
  const { account } = message;
  const asked = /** @type {import("./types.js").Request} */ (typeof wanted === "string" ? { name: wanted } : wanted);
  return async () => {
    if (account) await request(account.id, asked);
  };
}

/**
 * Whether the access token has ended.
 * @param {Session} session
 * @param {number} now
 */
export function isSpent(session, now) {
  return session.expiresAt !== null && session.expiresAt <= now;
}

/**
 * What an error's code means. Where a proxy is the cause, it is named.
 * @param {{ message: Message, words: Translations }} moment
 * @param {string} code
 */
export function errorText({ message, words }, code) {
  const { proxy } = message;
  const key = proxy && words.has(`error.${code}_proxy`) ? `error.${code}_proxy` : `error.${code}`;
  return words.text(key, { proxy: proxy ?? "" });
}

/**
 * What the notice says, if there is one.
 * @param {Moment} moment
 */
export function noticeText(moment) {
  const { notice } = moment.message;
  const { words } = moment;
  if (!notice) return "";
  const reason = "error" in notice ? errorText(moment, notice.error) : "";
  const key = notice.code === "came_back" ? `notice.came_back_${notice.path}` : `notice.${notice.code}`;
  return words.text(key, { reason });
}

/** @param {Moment} moment */
export function noticeOf(moment) {
  const { message, words } = moment;
  if (!message.notice) return null;
  const { notice } = message;
  const error = "error" in notice ? notice.error : null;
  const dismiss = action("dismiss", words.text("action.dismiss"), ask(moment, "dismiss_notice"), "quiet");
  const code = error ? element("p", { class: "code" }, words.text("failed.code", { code: error })) : null;
  const shown = note("notice", [noticeText(moment), code], dismiss);
  if (notice.code === "came_back") shown.classList.add("good-news");
  return shown;
}

/**
 * @param {Moment} moment
 * @param {string} key
 */
export function heading({ words }, key) {
  return element("h1", { id: "title", tabindex: "-1" }, words.text(key));
}

/** @param {Moment} moment */
export function cancelAction(moment) {
  return action("cancel", moment.words.text("action.cancel"), ask(moment, "cancel"));
}

/**
 * @param {Moment} moment
 * @param {string} key
 * @param {boolean} [primary]
 */
export function connectAction(moment, key, primary = true) {
  return action("connect", moment.words.text(key), ask(moment, "connect"), primary ? "primary" : "");
}

/** Seconds without an answer after which the seller is helped unasked. */
const LATE = 60;

/**
 * Whether an answer from the browser should have come by now.
 * @param {{ message: Message, now: number }} moment
 */
export function isLate({ message, now }) {
  const { state } = message;
  return state.name === "awaiting_browser" && now - state.since >= LATE;
}

/**
 * Another seller's account than the one the browser is logged in to.
 * @param {Moment} moment
 */
export function anotherAccountAction(moment) {
  const { words, message } = moment;
  if (message.account?.grantType === "client_credentials") return null;
  return action("another-account", words.text("action.another_account"), ask(moment, "connect_as_another"), "quiet");
}

/**
 * Says that links opened another program until now.
 * @param {Moment} moment
 */
export function linksRepaired({ message, words }) {
  return message.links === "repaired" ? element("p", { class: "small", id: "links" }, words.text("links.repaired")) : null;
}

/**
 * The way to the seller's own credentials: the form, or back from practice.
 * @param {Moment} moment
 * @param {string} [className]
 * @param {string} [id]
 */
export function editAction({ message, words, go }, className = "", id = "edit") {
  const practising = message.account?.environment === "practice";
  const builtIn = message.account?.isBuiltIn;
  const label = words.text(practising ? "action.use_own" : builtIn ? "action.own_credentials" : "action.edit");
  const toOwn = practising && message.hasOwnAccount;
  const act = toOwn ? () => addAccount("own") : () => go(practising ? "new" : "edit");
  return action(id, label, act, className);
}

/**
 * The server's own words, one click away.
 * @param {Moment} moment
 * @param {import("./types.js").ServerError | null} server
 */
export function serverWords({ words }, server) {
  if (!server) return null;
  return element(
    "details",
    { id: "server-words" },
    element("summary", { id: "server-words-title" }, words.text("failed.server_words")),
    element("p", { class: "small" }, words.text("failed.server_code", { code: server.code })),
    server.description ? element("p", { class: "small" }, `“${server.description}”`) : null,
  );
}

/**
 * Where an account lives; of a server that is not in the table, its name as well.
 * @param {Translations} words
 * @param {import("./types.js").Account} account
 */
export function placeOf(words, account) {
  const place = words.text(`environment.${account.environment}`);
  const address = account.environment === "custom" ? account.endpoints?.token : null;
  return address && URL.canParse(address) ? `${place} (${new URL(address).hostname})` : place;
}

/**
 * Something that few need: a line that opens.
 * @param {string} id
 * @param {string} title
 * @param {string} text
 * @param {HTMLElement} button
 */
export function disclosure(id, title, text, button) {
  return element(
    "details",
    { id },
    element("summary", { id: `${id}-title` }, title),
    element("p", { class: "small" }, text),
    element("div", { class: "actions" }, button),
  );
}

/**
 * A clock: its line stays one line while it counts, so nothing below it moves.
 * @param {string} key
 * @param {number} until
 */
export function clock(key, until) {
  const node = countdown("clock", key, until);
  node.dataset.units = "short";
  return node;
}

/**
 * A text with a time in it that counts down.
 * @param {string} className
 * @param {string} key
 * @param {number} until
 */
export function countdown(className, key, until) {
  return element("p", { class: className, "data-until": String(until), "data-key": key });
}

/**
 * What became of a copy, in a place that is always kept for it.
 * @param {Moment} moment
 * @param {string} [hint] what is said there before
 */
export function copied({ message, words }, hint = "") {
  if (message.clipboardClearsAt) return countdown("small copied", "connected.copied", message.clipboardClearsAt);
  return element("p", { class: "small hint" }, hint);
}

/**
 * A text that is no secret, and a button that copies it. The clipboard may keep it.
 * @param {Translations} words
 * @param {string} code
 * @param {string} [name] tells it from others on the same screen
 */
export function textBelow(words, code, name = "recipe") {
  const copy = action(name === "recipe" ? "copy-code" : `copy-${name}-code`, words.text("use.copy_below"), async () => {
    await navigator.clipboard.writeText(code);
    said.textContent = words.text("use.copied_below");
  });
  const said = element("p", { class: "small good", role: "status" });
  return [element("div", { class: "actions" }, copy), said, element("pre", { id: `${name}-code`, class: "command", tabindex: "0" }, element("code", {}, code))];
}
