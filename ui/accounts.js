// The list of accounts: which one is shown, and everything that can be done
// with an account but connect it.

import { changeAccount, dismiss, importAccounts } from "./bridge.js";
import { action, card, element, reported } from "./elements.js";
import { sentence } from "./form.js";
import { heading } from "./parts.js";

/** @typedef {import("./types.js").AccountLine} AccountLine */
/** @typedef {import("./i18n.js").Translations} Translations */
/** @typedef {import("./parts.js").Moment} Moment */

/** @type {{ count: number } | { servers: string[], text: string } | { code: unknown } | null} what became of the last import */
let imported = null;
/** @type {string | null} the account that was moved last */
let moved = null;
/** What the list looks like but for the states in it. */
let drawnList = "";

/** Above this many there is a field to search in. */
const MANY = 6;

/** What a state's dot looks like. */
const TONES = {
  connected: "good",
  refreshing: "good",
  retrying: "wait",
  awaiting_browser: "wait",
  other_seller: "wait",
  exchanging: "wait",
  keyring_locked: "wait",
  keyring_missing: "wait",
  expired: "bad",
  failed: "bad",
};

/**
 * What to call an account.
 * @param {Translations} words
 * @param {{ id: string, name: string | null, environment: string }} account
 */
export function accountName(words, account) {
  if (account.name) return account.name;
  return account.environment === "practice" ? words.text("fact.practice_account") : account.id === "main" ? words.text("fact.main_account") : account.id;
}

/** @param {Moment} moment */
export function accounts(moment) {
  const { words, message, go } = moment;
  drawnList = listKey(moment);
  const list = element("ul", { id: "account-list", class: "accounts", "aria-label": words.text("accounts.title") });
  message.accounts.forEach((account, place) => list.append(row(moment, account, place)));
  const nothing = element("p", { class: "lead", id: "nothing-found", hidden: "" }, words.text("accounts.nothing_found"));
  const search = message.accounts.length > MANY ? searchField(words, list, nothing) : null;
  list.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const here = openers(list).indexOf(/** @type {HTMLElement} */ (event.target));
    if (!step || here < 0) return;
    event.preventDefault();
    const next = openers(list)[here + step] ?? (step < 0 ? document.getElementById("account-search") : null);
    next?.focus();
  });
  return [
    card(
      heading(moment, "accounts.title"),
      search,
      list,
      nothing,
      element(
        "div",
        { class: "actions" },
        action("add-account", words.text("accounts.add"), () => go("new"), "primary"),
        action("close-accounts", words.text("accounts.close"), () => {
          imported = null;
          moved = null;
          go(null);
        }),
      ),
      importing(words),
    ),
  ];
}

/** @param {Moment} moment */
function listKey({ message, words, removing }) {
  const lines = message.accounts.map(({ state: _, ...lasting }) => lasting);
  return JSON.stringify([lines, message.account?.id, words.language, removing]);
}

/**
 * Where nothing but states changed, nothing else is drawn anew: a long list
 * does not jump, and what is being typed is left alone. Tells whether that was all.
 * @param {Moment} moment
 */
export function updateStates(moment) {
  if (listKey(moment) !== drawnList) return false;
  for (const account of moment.message.accounts) {
    document.getElementById(`state-${account.id}`)?.replaceWith(stateOf(moment, account));
  }
  return true;
}

/**
 * @param {Moment} moment
 * @param {AccountLine} account
 */
function stateOf({ words }, account) {
  const tone = TONES[/** @type {keyof typeof TONES} */ (account.state)] ?? "idle";
  return element("span", { id: `state-${account.id}`, class: `dot tone-${tone}` }, words.text(`state.${account.state}`));
}

/**
 * Where the account is now that was moved last.
 * @param {Moment} moment
 */
export function movedText({ message, words, panel }) {
  const at = message.accounts.findIndex((account) => account.id === moved);
  if (panel !== "accounts" || at < 0) return "";
  return words.text("accounts.moved", { place: words.number(at + 1), count: words.number(message.accounts.length) });
}

/** The buttons that open an account and are in sight. @param {HTMLElement} list */
function openers(list) {
  return /** @type {HTMLElement[]} */ ([...list.querySelectorAll("li:not([hidden]) .open-account")]);
}

/**
 * @param {Translations} words
 * @param {HTMLElement} list
 * @param {HTMLElement} nothing
 */
function searchField(words, list, nothing) {
  const field = /** @type {HTMLInputElement} */ (
    element("input", { id: "account-search", type: "search", autocomplete: "off", spellcheck: "false", "aria-controls": "account-list" })
  );
  const plain = (/** @type {string} */ text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const filter = () => {
    const wanted = plain(field.value.trim());
    for (const item of /** @type {NodeListOf<HTMLElement>} */ (list.querySelectorAll("li"))) {
      item.hidden = !plain(item.dataset.text ?? "").includes(wanted);
    }
    nothing.hidden = openers(list).length > 0;
  };
  field.addEventListener("input", filter);
  field.addEventListener("change", filter);
  field.addEventListener("keydown", (event) => {
    const first = openers(list)[0];
    if (event.key === "ArrowDown") first?.focus();
    else if (event.key === "Enter") first?.click();
    else return;
    event.preventDefault();
  });
  return element("div", { class: "field" }, element("label", { for: field.id }, words.text("accounts.search")), field);
}

/**
 * @param {Moment} moment
 * @param {AccountLine} account
 * @param {number} place
 */
function row(moment, account, place) {
  const { words, message, go } = moment;
  const { id } = account;
  const name = accountName(words, account);
  const environment = words.text(`environment.${account.environment}`);
  const shown = message.account?.id === id;
  const open = action(`open-${id}`, "", async () => {
    moved = null;
    await changeAccount(id, { name: "show" });
    go(null);
  }, "open-account");
  if (shown) open.setAttribute("aria-current", "true");
  open.append(
    element("span", { class: "account-name" }, name),
    element("span", { class: "small" }, environment, account.isDefault ? ` · ${words.text("accounts.default")}` : ""),
    stateOf(moment, account),
  );
  return element("li", { "data-text": `${name} ${environment} ${id}` }, open, options(moment, account, place, name));
}

/**
 * @param {Moment} moment
 * @param {AccountLine} account
 * @param {number} place
 * @param {string} name
 */
function options(moment, account, place, name) {
  const { words, message, removing, askToRemove } = moment;
  const { id } = account;
  const field = /** @type {HTMLInputElement} */ (element("input", { id: `name-${id}`, type: "text", maxlength: "60", autocomplete: "off" }));
  field.value = account.name ?? "";
  const rename = element(
    "form",
    { class: "rename", novalidate: "" },
    element("label", { for: field.id, class: "small" }, words.text("accounts.name")),
    field,
    element("button", { type: "submit", id: `rename-${id}` }, words.text("accounts.rename")),
  );
  rename.addEventListener("submit", (event) => {
    event.preventDefault();
    reported(() => changeAccount(id, { name: "rename", to: field.value }));
  });
  const moveTo = async (/** @type {number} */ to) => {
    moved = id;
    await changeAccount(id, { name: "move", to });
  };
  const moves = [
    place > 0 ? action(`up-${id}`, words.text("accounts.up"), () => moveTo(place - 1), "quiet") : null,
    place < message.accounts.length - 1 ? action(`down-${id}`, words.text("accounts.down"), () => moveTo(place + 1), "quiet") : null,
  ];
  const byDefault = account.isDefault ? null : action(`default-${id}`, words.text("accounts.make_default"), () => changeAccount(id, { name: "make_default" }), "quiet");
  const remove = action(`remove-${id}`, words.text("accounts.remove"), () => askToRemove(id), "quiet");
  const summary = element("summary", { id: `options-${id}-title` }, words.text("accounts.options"));
  summary.append(element("span", { class: "visually-hidden" }, ` ${name}`));
  return element(
    "details",
    { id: `options-${id}` },
    summary,
    removing === id ? removalQuestion(moment, account, name) : [rename, element("div", { class: "actions" }, ...moves, byDefault, remove)].flat(),
  );
}

/**
 * @param {Moment} moment
 * @param {AccountLine} account
 * @param {string} name
 */
function removalQuestion({ words, message, askToRemove }, account, name) {
  const { id } = account;
  const next = account.isDefault ? message.accounts.find((other) => other.id === message.nextDefault) : null;
  return element(
    "div",
    { role: "group" },
    element("p", { class: "lead" }, words.text("accounts.remove_question", { name })),
    next ? element("p", { class: "lead" }, words.text("accounts.remove_default", { next: accountName(words, next) })) : null,
    element(
      "div",
      { class: "actions" },
      action(`keep-${id}`, words.text("accounts.keep"), () => askToRemove(null), "primary"),
      action(`remove-now-${id}`, words.text("accounts.remove"), async () => {
        askToRemove(null);
        await changeAccount(id, { name: "remove" });
      }, "danger"),
    ),
  );
}

/** @param {Translations} words */
function importing(words) {
  const file = /** @type {HTMLInputElement} */ (element("input", { id: "import-file", type: "file", accept: ".json,application/json" }));
  const result = element("p", { class: "small", role: "status", id: "import-result" });
  // The list is drawn anew with what was brought, and this with it.
  const bring = async (/** @type {string} */ text, /** @type {boolean} */ confirmed) => {
    try {
      const { count, servers } = await importAccounts(text, confirmed);
      imported = servers.length ? { servers, text } : { count };
    } catch (code) {
      imported = { code };
    }
    document.getElementById("import")?.replaceWith(importing(words));
    document.getElementById("import")?.setAttribute("open", "");
    if (imported && "servers" in imported) document.getElementById("import-no")?.focus();
  };
  const tell = () => {
    if (!imported) return;
    if ("code" in imported) result.replaceChildren(...sentence(words, imported.code));
    else if ("servers" in imported) {
      const { text, servers } = imported;
      const list = new Intl.ListFormat(words.language, { type: "conjunction" }).format(servers);
      result.replaceChildren(
        words.text("accounts.import_servers", { servers: list }),
        element(
          "span",
          { class: "actions" },
          action("import-no", words.text("action.cancel"), () => {
            imported = null;
            document.getElementById("import")?.replaceWith(importing(words));
          }),
          action("import-yes", words.text("accounts.import_yes"), () => bring(text, true)),
        ),
      );
    } else result.textContent = words.text(imported.count ? "accounts.imported" : "accounts.imported_nothing", { count: words.number(imported.count) });
  };
  tell();
  file.addEventListener("change", async () => {
    const chosen = file.files?.[0];
    if (!chosen) return;
    const text = await chosen.text();
    file.value = "";
    await bring(text, false);
  });
  return element(
    "details",
    { id: "import" },
    element("summary", { id: "import-title" }, words.text("accounts.import")),
    element("p", { class: "small" }, words.text("accounts.import_hint")),
    element("label", { for: file.id, class: "visually-hidden" }, words.text("accounts.import")),
    file,
    result,
  );
}

/**
 * An account is gone: what became of its tokens.
 * @param {Moment} moment
 */
export function removedText({ message, words }) {
  const { removed } = message;
  if (!removed) return "";
  return words.text(`removed.${removed.outcome?.code ?? "settings_not_saved"}`, { name: removed.name ?? removed.id });
}

/** @param {Moment} moment */
export function removedDismiss({ words }) {
  return action("dismiss-removed", words.text("action.dismiss"), () => dismiss("removed"), "quiet");
}
