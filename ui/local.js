// "Use it in… this computer": local keys, which do not end. A tool shows its
// key to this program, and never sees a token.

import { choose, localKey } from "./bridge.js";
import { action, card, element, note, reported } from "./elements.js";
import { CURL, textBelow } from "./parts.js";
import { toolSign } from "./pictures.js";

/** @typedef {import("./parts.js").Moment} Moment */
/** @typedef {import("./types.js").ListedKey} ListedKey */

/** A call that only reads, without the slash in front. */
const SALES = "payments/api/v1/sales/history";
/** What stands in an example in the place of the key. */
const KEY = "hmc_…";

/** What is written in each tool; the address is this program's own. @type {Record<string, (address: string) => string>} */
const EXAMPLES = {
  excel: (address) => `let
  vendas = Json.Document(Web.Contents("${address}", [
    RelativePath = "${SALES}",
    Headers = [Authorization = "Bearer ${KEY}"]
  ]))
in
  vendas[items]`,
  n8n: (address) => `${address}/${SALES}`,
  docker: (address) => `${address.replace("127.0.0.1", "host.docker.internal")}/${SALES}`,
  postman: (address) => `${address}/${SALES}`,
  curl: (address) => `${CURL} --oauth2-bearer ${KEY} ${address}/${SALES}`,
  python: (address) => `import requests
vendas = requests.get("${address}/${SALES}", headers={"Authorization": "Bearer ${KEY}"})
print(vendas.json()["items"])`,
  node: (address) => `const vendas = await fetch("${address}/${SALES}", { headers: { Authorization: "Bearer ${KEY}" } });
console.log((await vendas.json()).items);`,
  mcp: (address) => JSON.stringify({ env: { HOTMART_API_BASE: address, HOTMART_ACCESS_TOKEN: KEY } }, null, 2),
};

/** @type {string | null} the tool whose key was copied last */
let copiedFor = null;
/** @type {string | null} the key whose end is asked once more */
let revoking = null;

/**
 * The page of local keys.
 * @param {Moment} moment
 */
export function localKeys(moment) {
  const { message, words, go } = moment;
  const close = () => {
    copiedFor = null;
    revoking = null;
    go(null);
  };
  return [
    card(
      element("div", { class: "back" }, action("close-recipe", words.text("accounts.close"), close, "quiet")),
      element("div", { class: "recipe-head" }, toolSign("computer"), element("h1", { id: "title", tabindex: "-1" }, words.text("local.title"))),
      element("p", { class: "lead" }, words.text("local.text")),
      doorProblem(moment),
      keyForm(moment),
      element("p", { class: "good", role: "status", id: "key-copied" }, copiedFor === null ? "" : words.text("local.copied", { name: copiedFor })),
      message.localKeys.length ? keyList(moment) : null,
      message.localKeys.length ? staysOpen(moment) : null,
      examples(moment),
      element("p", { class: "small" }, words.text("local.cloud")),
    ),
  ];
}

/** @param {Moment} moment */
function doorProblem({ message, words }) {
  if (message.door === "taken") return note("door-problem", words.text("local.door_taken", { address: message.doorAddress }));
  return message.door === "keys_unreadable" ? note("door-problem", words.text("local.keys_unreadable")) : null;
}

/** @param {Moment} moment */
function keyForm({ message, words }) {
  const name = /** @type {HTMLInputElement} */ (element("input", { id: "key-name", type: "text", maxlength: "60", autocomplete: "off", placeholder: "Excel" }));
  const box = (/** @type {string} */ id) => /** @type {HTMLInputElement} */ (element("input", { id, type: "checkbox" }));
  const [mayWrite, fromContainers] = [box("key-may-write"), box("key-from-containers")];
  const choice = (/** @type {HTMLInputElement} */ field, /** @type {string} */ key) => element("label", { class: "check" }, field, element("span", {}, words.text(key)));
  const form = element(
    "form",
    { class: "key-form", novalidate: "" },
    element("div", { class: "field" }, element("label", { for: name.id }, words.text("local.name")), name),
    element("details", { id: "key-options" }, element("summary", { id: "key-options-title" }, words.text("local.options")), choice(mayWrite, "local.may_write"), choice(fromContainers, "local.from_containers")),
    element("div", { class: "actions" }, element("button", { type: "submit", id: "create-key", class: "primary" }, words.text("local.create"))),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    reported(async () => {
      if (!message.account) return;
      const tool = name.value.trim();
      await localKey({ name: "create", account: message.account.id, tool, mayWrite: mayWrite.checked, fromContainers: fromContainers.checked });
      copiedFor = tool;
      // The page may have been drawn anew meanwhile, with what was typed in it.
      for (const field of /** @type {NodeListOf<HTMLInputElement>} */ (document.querySelectorAll(".key-form input"))) [field.value, field.checked] = ["", false];
      const said = document.getElementById("key-copied");
      if (said) said.textContent = words.text("local.copied", { name: tool });
    });
  });
  return form;
}

/** @param {Moment} moment */
function keyList(moment) {
  const { message, words } = moment;
  return element("ul", { id: "key-list", class: "accounts", "aria-label": words.text("local.keys") }, message.localKeys.map((key) => keyRow(moment, key)));
}

/**
 * @param {Moment} moment
 * @param {ListedKey} key
 */
function keyRow(moment, { id, name, mayWrite, lastUsedAt, callsOfADay }) {
  const { words, now, go, panel } = moment;
  const used = lastUsedAt === null ? words.text("local.never_used") : words.text("local.used", { moment: words.moment(lastUsedAt, now), calls: words.number(callsOfADay) });
  const ask = (/** @type {string | null} */ which) => () => {
    revoking = which;
    go(panel);
    document.getElementById(which ? `keep-key-${id}` : `revoke-${id}`)?.focus();
  };
  const revoke = async () => {
    revoking = null;
    copiedFor = null;
    await localKey({ name: "revoke", id });
  };
  const asked = [
    element("p", { class: "lead" }, words.text("local.revoke_question", { name })),
    element("div", { class: "actions" }, action(`keep-key-${id}`, words.text("local.keep"), ask(null), "primary"), action(`revoke-now-${id}`, words.text("local.revoke"), revoke, "danger")),
  ];
  const button = action(`revoke-${id}`, words.text("local.revoke"), ask(id), "quiet");
  button.append(element("span", { class: "visually-hidden" }, ` ${name}`));
  return element(
    "li",
    { class: "key" },
    element("div", {}, element("strong", {}, name), element("span", { class: "small" }, ` · ${words.text(mayWrite ? "local.writes" : "local.reads")}`)),
    element("div", { class: "small" }, used),
    revoking === id ? element("div", { role: "group" }, asked) : button,
  );
}

/**
 * A key works as long as this program is there.
 * @param {Moment} moment
 */
function staysOpen({ message, words }) {
  const { keepInTray, trayIsThere } = message.preferences;
  if (keepInTray || !trayIsThere) return null;
  const stay = action("stay-in-tray", words.text("local.stay_open"), () => choose({ name: "keep_in_tray", value: true }));
  return note("closes", [words.text("local.closes"), element("div", { class: "actions" }, stay)]);
}

/** @param {Moment} moment */
function examples({ message, words }) {
  const example = (/** @type {string} */ tool) =>
    element(
      "details",
      { id: `example-${tool}` },
      element("summary", { id: `example-${tool}-title` }, words.text(`local.example.${tool}`)),
      element("p", { class: "small" }, words.text(`local.how.${tool}`)),
      textBelow(words, EXAMPLES[tool](message.doorAddress), tool),
    );
  return element("section", { class: "examples", "aria-labelledby": "examples-title" }, element("h2", { id: "examples-title" }, words.text("local.examples")), Object.keys(EXAMPLES).map(example));
}
