// What each state of the connection looks like: what happened, what is safe,
// and one main action.

import { addAccount, computer, saveAccount } from "./bridge.js";
import { accounts } from "./accounts.js";
import { connected } from "./connected.js";
import { action, card, element, pill } from "./elements.js";
import { credentialsForm } from "./form.js";
import { localKeys } from "./local.js";
import { anotherAccountAction, ask, cancelAction, clock, connectAction, countdown, editAction, errorText, heading, disclosure, isLate, linksRepaired, noticeOf, placeOf, serverWords } from "./parts.js";
import { stateDrawing } from "./pictures.js";
import { settings } from "./settings.js";
import { start } from "./start.js";
import { recipe } from "./tools.js";

/** @typedef {import("./types.js").View} View */
/** @typedef {import("./parts.js").Moment} Moment */

/** What stands in the way lies between this computer and the server. */
const ON_THE_WAY = ["unknown_issuer", "proxy_unreachable", "proxy_login", "proxy_refused"];

/**
 * What the window's middle shows.
 * @param {Moment} moment
 * @param {string} screen
 */
export function content(moment, screen) {
  const { message } = moment;
  const { state } = message;
  if (screen === "start") return [message.hasBuiltIn && moment.panel === "new" ? builtIn(moment) : null, ...start(moment)].filter((part) => part !== null);
  if (screen === "form") return form(moment);
  if (screen === "use-computer") return localKeys(moment);
  if (screen.startsWith("use-") && "session" in state) return recipe(moment, screen.slice("use-".length), state.session);
  if (screen === "accounts") return accounts(moment);
  if (screen === "settings") return settings(moment);
  switch (state.name) {
    case "loading":
    case "disconnecting":
    case "forgetting":
      return [progress(moment, state.name, false)];
    case "exchanging":
      return [progress(moment, state.name, state.canCancel, state.byBrowser ? "exchanging.text" : "exchanging.text_credentials")];
    // It has a screen of its own: the first one, or the form.
    case "unconfigured":
      return [];
    case "disconnected":
      return [disconnected(moment)];
    case "other_seller":
      return [otherSeller(moment, state)];
    case "awaiting_browser":
      return [awaitingBrowser(moment, state)];
    case "connected":
    case "refreshing":
    case "retrying":
      return [connected(moment, state)];
    case "denied":
      return [stopped(moment, "denied", "denied.title", moment.words.text("denied.text"))];
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
 * @param {Moment} moment
 * @param {"loading" | "exchanging" | "disconnecting" | "forgetting"} name
 * @param {boolean} canCancel
 * @param {string} [text]
 */
function progress(moment, name, canCancel, text = `${name}.text`) {
  const { words } = moment;
  return card(
    element("div", { class: "spinner", "aria-hidden": "true" }),
    heading(moment, `${name}.title`),
    element("p", { class: "lead" }, words.text(text)),
    canCancel ? element("div", { class: "actions" }, cancelAction(moment)) : null,
  );
}

/** @param {Moment} moment */
function form(moment) {
  const { message, words } = moment;
  const { panel, go } = moment;
  const canGoBack = panel === "fields" || (panel !== null && message.state.name !== "unconfigured");
  const credentials = credentialsForm(message, words, {
    // What needs nothing filled in is not overwritten by what is.
    isNew: panel === "fields" || message.account?.environment === "practice" || message.account?.isBuiltIn === true,
    save: async (form) => {
      await saveAccount(form);
      go(null);
    },
    cancel: canGoBack ? () => go(panel === "fields" && message.accounts.length ? "new" : null) : null,
  });
  return [credentials];
}

/**
 * The application that this build brings along, which needs nothing filled in.
 * @param {Moment} moment
 */
function builtIn({ words, go }) {
  const take = async () => {
    await addAccount("built_in");
    go(null);
  };
  return element(
    "section",
    { class: "card slim" },
    element("p", {}, element("strong", {}, words.text("built_in.title")), " ", words.text("built_in.text")),
    element("div", { class: "actions" }, action("use-built-in", words.text("built_in.action"), take, "primary")),
  );
}

/** @param {Moment} moment */
function disconnected(moment) {
  const { words, message } = moment;
  const alone = message.account?.grantType === "client_credentials";
  return card(
    noticeOf(moment),
    stateDrawing("disconnected"),
    pill("idle", words.text("disconnected.pill")),
    heading(moment, "disconnected.title"),
    element("p", { class: "lead" }, words.text(alone ? "disconnected.text_credentials" : "disconnected.text")),
    message.account?.environment === "custom" ? element("p", { class: "small" }, `${words.text("fact.environment")}: ${placeOf(words, message.account)}`) : null,
    linksRepaired(moment),
    element("div", { class: "actions" }, connectAction(moment, "action.connect"), editAction(moment)),
    element("div", { class: "actions" }, anotherAccountAction(moment)),
  );
}

/**
 * @param {Moment} moment
 * @param {Extract<View, { name: "awaiting_browser" }>} state
 */
function awaitingBrowser(moment, state) {
  const { words, message } = moment;
  const stuck = state.browser === "did_not_open";
  const late = isLate(moment);
  const text = { opening: "awaiting.opening", opened: "awaiting.text", may_have_opened: "awaiting.may_have_opened", did_not_open: "awaiting.did_not_open" };
  const again = action("open-browser", words.text("action.open_again"), ask(moment, "open_browser"), stuck || late ? "" : "primary");
  const copy = action("copy-link", words.text("action.copy_link"), ask(moment, "copy_link"), stuck ? "primary" : "");
  const paste = action("paste", words.text("action.paste"), ask(moment, "paste"), late && !state.secondPath ? "primary" : "");
  const hint = state.returnPath === "paste" ? "awaiting.paste_page" : "awaiting.paste";
  const pasting = disclosure("no-answer", words.text("awaiting.nothing_happened"), words.text(hint), paste);
  if (state.returnPath === "paste" || (late && !state.secondPath)) pasting.setAttribute("open", "");
  const lost = message.links === "do_not_come_back" && state.returnPath === "link";
  return card(
    noticeOf(moment),
    pill("wait", words.text("awaiting.pill")),
    heading(moment, "awaiting.title"),
    element("p", { class: "lead" }, words.text(text[state.browser])),
    lost ? element("p", { class: "lead" }, words.text("links.do_not_come_back", { title: words.text("awaiting.nothing_happened") })) : null,
    linksRepaired(moment),
    element(
      "div",
      { class: "waiting" },
      clock("awaiting.time_left", state.expiresAt),
      action("extend", words.text("action.extend"), ask(moment, "extend"), "quiet"),
    ),
    late && state.secondPath ? secondPath(moment) : null,
    element("div", { class: "actions" }, stuck ? [copy, again] : [again, copy]),
    pasting,
    state.secondPath && !late ? disclosure("other", words.text("awaiting.second_path_title"), words.text("awaiting.second_path"), secondPathAction(moment, "")) : null,
    element("div", { class: "actions" }, cancelAction(moment)),
  );
}

/**
 * After a minute without an answer the second path is offered unasked.
 * @param {Moment} moment
 */
function secondPath(moment) {
  return element(
    "div",
    { role: "group" },
    element("p", { class: "lead" }, moment.words.text("awaiting.second_path")),
    element("div", { class: "actions" }, secondPathAction(moment, "primary")),
  );
}

/**
 * @param {Moment} moment
 * @param {string} className
 */
function secondPathAction(moment, className) {
  return action("second-path", moment.words.text("action.second_path"), ask(moment, "open_second_path"), className);
}

/**
 * @param {Moment} moment
 * @param {Extract<View, { name: "other_seller" }>} state
 */
function otherSeller(moment, state) {
  const { words } = moment;
  const { known, found } = state;
  return card(
    pill("wait", words.text("seller.pill")),
    heading(moment, "seller.title"),
    element("p", { class: "lead" }, words.text("seller.text", { known, found })),
    element("p", { class: "lead" }, words.text(state.stillConnected ? "seller.still_connected" : "seller.nothing_replaced")),
    element(
      "div",
      { class: "actions" },
      action("keep-seller", words.text("action.keep_seller", { known }), ask(moment, "keep_seller"), "primary"),
      action("replace-seller", words.text("action.replace_seller", { found }), ask(moment, "replace_seller")),
    ),
  );
}

/**
 * @param {Moment} moment
 * @param {Extract<View, { name: "expired" }>} state
 */
function expired(moment, state) {
  const { words, now } = moment;
  const since = state.reason === "answer_lost" ? state.since : now;
  const text = words.text(`expired.${state.reason}`, { moment: words.moment(since, now) });
  return stopped(moment, "expired", "expired.title", text, [serverWords(moment, state.reason === "refused" ? state.server : null)]);
}

/**
 * @param {Moment} moment
 * @param {Extract<View, { name: "failed" }>} state
 */
function failed(moment, state) {
  const { words } = moment;
  const next = words.text(state.tryingAgainHelps ? "failed.try_again" : "failed.check_settings");
  const codes = [
    element("p", { class: "lead" }, next),
    element("p", { class: "small" }, words.text("failed.code", { code: state.error })),
    state.waitUntil === null ? null : countdown("small", "failed.wait", state.waitUntil),
    serverWords(moment, state.server),
  ];
  const text = errorText(moment, state.error);
  if (ON_THE_WAY.includes(state.error)) codes.push(element("div", { class: "actions" }, action("fix-network", words.text("computer.fix.network"), () => computer("network"))));
  return stopped(moment, "failed", "failed.title", text, codes, !state.tryingAgainHelps);
}

/**
 * A state from which connecting again is the way on.
 * @param {Moment} moment
 * @param {"denied" | "expired" | "failed"} state
 * @param {string} title
 * @param {string} text
 * @param {(HTMLElement | null)[]} [details]
 * @param {boolean} [editFirst] whether the credentials have to change before connecting again can help
 */
function stopped(moment, state, title, text, details = [], editFirst = false) {
  const { words } = moment;
  const connect = connectAction(moment, "action.connect_again", !editFirst);
  const edit = editAction(moment, editFirst ? "primary" : "");
  return card(
    noticeOf(moment),
    stateDrawing(state),
    pill(state === "denied" ? "idle" : "bad", words.text("disconnected.pill")),
    heading(moment, title),
    element("p", { class: "lead" }, text),
    details,
    element("div", { class: "actions" }, editFirst ? [edit, connect] : [connect, edit]),
    element("div", { class: "actions" }, anotherAccountAction(moment)),
  );
}

/**
 * @param {Moment} moment
 * @param {Extract<View, { name: "keyring_locked" | "keyring_missing" }>} state
 */
function keyring(moment, state) {
  const { words } = moment;
  const { tokensWaiting, canCancel, canKeepInMemory, removing } = state.stopped;
  const kind = state.name === "keyring_locked" ? "locked" : state.problem;
  const unlocking = state.name === "keyring_locked" && state.unlocking;
  const label = words.text(kind === "locked" ? "action.unlock" : "action.try_again");
  const unlock = action("unlock", label, ask(moment, "unlock"), "primary");
  const keep = action("keep-in-memory", words.text("action.keep_in_memory"), ask(moment, "keep_in_memory"));
  return card(
    stateDrawing("keyring"),
    pill("wait", words.text("keyring.pill")),
    heading(moment, `keyring.${kind}.title`),
    element("p", { class: "lead" }, words.text(`keyring.${kind}.text`)),
    element("p", { class: "lead" }, words.text(removing ? "keyring.removing" : tokensWaiting ? "keyring.tokens_waiting" : "keyring.nothing_lost")),
    unlocking ? element("p", { class: "small" }, words.text("keyring.unlocking")) : null,
    element("div", { class: "actions" }, unlock, canCancel ? cancelAction(moment) : null),
    element("p", { class: "code" }, words.text("failed.code", { code: `keyring_${kind}` })),
    canKeepInMemory ? disclosure("without-keyring", words.text("keyring.without"), words.text("keyring.memory_hint"), keep) : null,
  );
}
