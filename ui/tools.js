// "Use it in…": the seller's tools, and for each a short recipe with exactly
// what that tool asks for. A tool that has tokens by itself gets the
// credential; what is copied for any other says when it ends.

import { action, card, element, note } from "./elements.js";
import { CURL, ask, copied, isSpent, textBelow } from "./parts.js";
import { toolSign } from "./pictures.js";

/** @typedef {import("./parts.js").Moment} Moment */
/** @typedef {import("./types.js").CopyTarget} CopyTarget */
/** @typedef {"client_id" | "client_secret" | "basic" | "token" | "header_value" | "n8n"} Field */

/**
 * A tool's recipe: how many sentences there are, what is copied and what the
 * tool calls it, and what is to be typed or read there.
 * @typedef {{ steps: number, fields: [Field, string][], code?: (addresses: Addresses) => string, lasts?: string }} Recipe
 * @typedef {{ api: string, tokens: string }} Addresses the account's own
 */

/** A call that only reads, and where Hotmart gives tokens. */
const SALES = "/payments/api/v1/sales/history";
const TOKENS = "https://api-sec-vlc.hotmart.com/security/oauth/token";
/** @type {[Field, string][]} */
const PAIR = [["client_id", "Client ID"], ["client_secret", "Client Secret"]];
/** @type {[Field, string][]} */
const HEADER = [["header_value", "Authorization"]];

/**
 * What a spreadsheet's script needs to have tokens by itself.
 * @param {Addresses} addresses
 */
const script = ({ api, tokens }) => `function hotmart(path) {
  const kept = PropertiesService.getScriptProperties();
  const [id, secret] = [kept.getProperty("CLIENT_ID"), kept.getProperty("CLIENT_SECRET")];
  const answer = UrlFetchApp.fetch("${tokens}?grant_type=client_credentials&client_id=" + id + "&client_secret=" + secret, {
    method: "post",
    contentType: "application/json",
    headers: { Authorization: "Basic " + kept.getProperty("BASIC") },
  });
  const token = JSON.parse(answer.getContentText()).access_token;
  const headers = { Authorization: "Bearer " + token };
  return JSON.parse(UrlFetchApp.fetch("${api}" + path, { headers }).getContentText());
}`;

const mcp = (/** @type {string[]} */ ...options) => () =>
  JSON.stringify({ mcpServers: { hotmart: { command: "hotmart-token", args: ["exec", ...options, "--", "hotmart-mcp"] } } }, null, 2);

const sales = (/** @type {Addresses} */ { api }) => api + SALES;

/** With a developer credential, which tools take as it is. @type {Record<string, Recipe>} */
const WITH_CREDENTIAL = {
  n8n: { steps: 3, fields: [...PAIR, ["basic", "Token Basic"]] },
  make: { steps: 3, fields: [...PAIR, ["basic", "Basic Token"]] },
  sheets: { steps: 3, fields: [["client_id", "CLIENT_ID"], ["client_secret", "CLIENT_SECRET"], ["basic", "BASIC"]], code: script },
  postman: { steps: 3, fields: PAIR, code: ({ tokens }) => tokens, lasts: "use.new_by_hand" },
  mcp: { steps: 2, fields: [], code: mcp("--credentials") },
  other: { steps: 2, fields: [...PAIR, ["basic", "Basic"]] },
};

/** With a token, which ends. @type {Record<string, Recipe>} */
const WITH_TOKEN = {
  n8n: { steps: 2, fields: [["n8n", ""]] },
  make: { steps: 2, fields: HEADER, code: sales },
  excel: { steps: 3, fields: HEADER, code: sales },
  sheets: { steps: 2, fields: HEADER, code: ({ api }) => `UrlFetchApp.fetch("${api}${SALES}", { headers: { Authorization: "…" } })` },
  postman: { steps: 2, fields: [["token", "Token"]], code: sales },
  mcp: { steps: 2, fields: [], code: mcp() },
  terminal: { steps: 2, fields: [], code: ({ api }) => `hotmart-token exec -- python report.py\nhotmart-token --format curl | ${CURL} --config - ${api}${SALES}` },
  other: { steps: 2, fields: [["token", "Token"], ...HEADER] },
};

/** What runs on the seller's own computer, where a local key works. */
const LOCAL = ["n8n", "excel", "postman", "mcp", "terminal", "other"];

/** In the order in which sellers use them, after what suits most. */
const TOOLS = ["computer", "n8n", "make", "excel", "sheets", "postman", "mcp", "terminal", "other"];

/**
 * The tools to choose from.
 * @param {Moment} moment
 */
export function toolChoice({ words, go }) {
  const tile = (/** @type {string} */ tool) => {
    const button = action(`use-${tool}`, "", () => go(/** @type {import("./parts.js").OpenPanel} */ (`use-${tool}`)), "tile");
    button.append(toolSign(tool), element("span", {}, words.text(`tool.${tool}`)));
    return element("li", {}, button);
  };
  return element(
    "section",
    { class: "tools", "aria-labelledby": "tools-title" },
    element("h2", { id: "tools-title" }, words.text("use.title")),
    element("ul", {}, TOOLS.map(tile)),
  );
}

/**
 * One tool's recipe.
 * @param {Moment} moment
 * @param {string} tool
 * @param {import("./types.js").Session} session
 */
export function recipe(moment, tool, session) {
  const { message, words, now, go } = moment;
  const { account } = message;
  const own = account?.grantType === "client_credentials" && account.hasClientSecret && !account.isBuiltIn;
  const renews = own && tool in WITH_CREDENTIAL;
  const { steps, fields, code, lasts } = renews ? WITH_CREDENTIAL[tool] : WITH_TOKEN[tool];
  const addresses = { api: account?.apiBase ?? "", tokens: account?.endpoints?.token ?? TOKENS };
  const key = `recipe.${tool}${renews ? ".credential" : ""}`;
  const spent = !renews && isSpent(session, now);
  const texts = Array.from({ length: steps }, (_, index) => element("li", {}, words.text(`${key}.${index + 1}`)));
  return [
    card(
      element("div", { class: "back" }, action("close-recipe", words.text("accounts.close"), () => go(null), "quiet")),
      element("div", { class: "recipe-head" }, toolSign(tool), element("h1", { id: "title", tabindex: "-1" }, words.text("use.in", { tool: words.text(`tool.${tool}`) }))),
      element("ol", { class: "recipe" }, texts),
      fields.length ? element("ul", { class: "fields" }, fields.map((field) => fieldRow(moment, field, spent))) : null,
      fields.length ? copied(moment) : null,
      code ? textBelow(words, code(addresses)) : null,
      element("p", { class: "small", id: "recipe-lasts" }, lasts ? words.text(lasts) : lasting(moment, session, renews, fields.length === 0)),
      renews ? null : LOCAL.includes(tool) ? localHint(moment) : element("p", { class: "small" }, words.text("local.cloud")),
    ),
  ];
}

/**
 * @param {Moment} moment
 * @param {[Field, string]} field
 * @param {boolean} spent
 */
function fieldRow(moment, [field, label], spent) {
  const { words } = moment;
  const ofCredential = field === "client_id" || field === "client_secret" || field === "basic";
  const target = /** @type {CopyTarget} */ (ofCredential ? { credential: field } : { bearer: field });
  const name = words.has(`use.field.${field}`) ? words.text(`use.field.${field}`) : label;
  const button = action(`copy-field-${field}`, words.text("use.copy", { field: name }), ask(moment, { name: "copy", target }));
  if (spent) button.setAttribute("aria-disabled", "true");
  return element("li", {}, button);
}

/**
 * What does not end is better than what does.
 * @param {Moment} moment
 */
function localHint({ words, go }) {
  const there = action("use-local-key", words.text("use.local_key"), () => go("use-computer"));
  return note("on-this-computer", [words.text("use.on_this_computer"), element("div", { class: "actions" }, there)]);
}

/**
 * How long what is copied here lasts.
 * @param {Moment} moment
 * @param {import("./types.js").Session} session
 * @param {boolean} renews
 * @param {boolean} byProgram whether the tool gets its token from this program each time
 */
function lasting({ words, now }, { expiresAt }, renews, byProgram) {
  if (renews || byProgram) return words.text(renews ? "use.renews" : "use.by_program");
  if (expiresAt === null) return words.text("use.ends_some_day");
  return words.text(expiresAt <= now ? "token.ended" : "use.ends", { moment: words.moment(expiresAt, now) });
}
