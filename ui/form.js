// The form for the seller's own credentials.

import { action, card, element } from "./elements.js";

/** @typedef {import("./bridge.js").Account} Account */
/** @typedef {import("./bridge.js").AccountForm} AccountForm */
/** @typedef {import("./i18n.js").Words} Words */

/** What has to be registered at Hotmart. */
const redirectUri = "app.hotmart-connect:/oauth/callback";

/**
 * @param {Account | null} account
 * @param {Words} words
 * @param {{ save: (form: AccountForm) => Promise<void>, cancel: (() => void) | null }} actions
 */
export function credentialsForm(account, words, actions) {
  const own = account?.environment === "practice" ? null : account;
  const environment = /** @type {HTMLSelectElement} */ (element("select", { id: "environment-choice" }));
  for (const value of ["hotmart", "hotmart-authentication", "custom"]) {
    environment.append(element("option", { value }, words.text(`environment.${value}`)));
  }
  environment.value = own?.environment ?? "hotmart";

  const basic = input("basic", "password");
  const clientId = input("client-id", "text", own?.clientId);
  const clientSecret = input("client-secret", "password");
  const takeBasic = () => {
    const pair = splitBasic(basic.value);
    if (!pair) return;
    [clientId.value, clientSecret.value] = pair;
    basic.value = "";
    status.textContent = words.text("form.basic_taken");
  };
  // Only once it is whole: the half of a typed string would decode as well.
  basic.addEventListener("change", takeBasic);
  basic.addEventListener("paste", () => setTimeout(takeBasic));

  const endpoints = ["authorize", "token", "revoke", "issuer", "api"].map((name) => {
    const known = own?.endpoints?.[/** @type {"authorize"} */ (name)];
    return /** @type {const} */ ([name, input(`endpoint-${name}`, "url", known)]);
  });
  const custom = element(
    "div",
    {},
    endpoints.map(([name, field]) => labelled(words.text(`form.endpoint_${name}`), field)),
  );
  const showCustom = () => (custom.hidden = environment.value !== "custom");
  environment.addEventListener("change", showCustom);
  showCustom();

  const status = element("p", { class: "small", role: "status" });
  const problem = element("p", { class: "error", role: "alert" });
  const save = element("button", { type: "submit", id: "save", class: "primary" }, words.text("form.save"));
  const secretHint = own?.hasClientSecret ? "form.secret_saved" : "form.secret_hint";
  const form = element(
    "form",
    { novalidate: "", autocomplete: "off" },
    labelled(words.text("form.environment"), environment),
    custom,
    labelled(words.text("form.basic"), basic, words.text("form.basic_hint")),
    status,
    labelled(words.text("form.client_id"), clientId),
    labelled(words.text("form.client_secret"), clientSecret, words.text(secretHint)),
    element("p", { class: "small" }, words.text("form.redirect"), " ", element("code", {}, redirectUri)),
    problem,
    element(
      "div",
      { class: "actions" },
      save,
      actions.cancel ? action("back", words.text("action.cancel"), actions.cancel) : null,
    ),
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    problem.textContent = "";
    const custom = Object.fromEntries(
      endpoints.map(([name, field]) => [name, field.value.trim()]).filter(([, value]) => value),
    );
    try {
      await actions.save({
        environment: /** @type {AccountForm["environment"]} */ (environment.value),
        clientId: clientId.value,
        clientSecret: clientSecret.value || null,
        endpoints: environment.value === "custom" ? /** @type {any} */ (custom) : null,
      });
    } catch (code) {
      const key = `command.${typeof code === "string" && words.has(`command.${code}`) ? code : "configuration"}`;
      problem.textContent = words.text(key);
      (code === "client_id" ? clientId : environment.value === "custom" ? endpoints[0][1] : clientId).focus();
    }
  });
  return card(
    element("h1", { tabindex: "-1" }, words.text("form.title")),
    element("p", { class: "lead" }, words.text("form.intro")),
    form,
  );
}

/**
 * Splits Hotmart's "Basic" string, with or without the word in front.
 * @param {string} text
 * @returns {[string, string] | null}
 */
function splitBasic(text) {
  const encoded = text.trim().replace(/^basic\s+/i, "");
  try {
    const pair = atob(encoded);
    const colon = pair.indexOf(":");
    const visible = /^[\x21-\x7e]+$/.test(pair);
    return visible && colon > 0 && colon < pair.length - 1 ? [pair.slice(0, colon), pair.slice(colon + 1)] : null;
  } catch {
    return null;
  }
}

/**
 * @param {string} id
 * @param {string} type
 * @param {string} [value]
 */
function input(id, type, value = "") {
  const attributes = { id, type, autocomplete: "off", spellcheck: "false", autocapitalize: "off" };
  const node = /** @type {HTMLInputElement} */ (element("input", attributes));
  node.value = value;
  return node;
}

/**
 * @param {string} label
 * @param {HTMLElement} field
 * @param {string} [hint]
 */
function labelled(label, field, hint) {
  const hintId = `${field.id}-hint`;
  if (hint) field.setAttribute("aria-describedby", hintId);
  return element(
    "div",
    { class: "field" },
    element("label", { for: field.id }, label),
    field,
    hint ? element("p", { class: "small", id: hintId }, hint) : null,
  );
}
