// The form for the seller's own credentials.

import { action, card, element } from "./elements.js";

/** @typedef {import("./bridge.js").AccountForm} AccountForm */
/** @typedef {import("./i18n.js").Words} Words */

/**
 * @param {import("./bridge.js").Message} message
 * @param {Words} words
 * @param {{ save: (form: AccountForm) => Promise<void>, cancel: (() => void) | null }} actions
 */
export function credentialsForm(message, words, actions) {
  const { account, state } = message;
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
    if (!basic.value.trim()) return;
    const pair = splitBasic(basic.value);
    status.textContent = words.text(pair ? "form.basic_taken" : "form.basic_unreadable");
    if (!pair) return;
    [clientId.value, clientSecret.value] = pair;
    basic.value = "";
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

  const loopback = /** @type {HTMLInputElement} */ (element("input", { type: "checkbox", id: "loopback" }));
  loopback.checked = own?.hasLoopback ?? false;

  const missing =
    state.name === "unconfigured" && state.missing !== "credentials" ? `form.missing_${state.missing}` : null;
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
    element("p", { class: "small" }, words.text("form.redirect"), " ", element("code", {}, message.redirectUri)),
    element(
      "label",
      { class: "check" },
      loopback,
      element("span", {}, words.text("form.loopback"), " ", element("code", {}, message.loopbackRedirectUri)),
    ),
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
        loopback: loopback.checked,
      });
    } catch (code) {
      problem.replaceChildren(...sentence(words, code));
      if (code === "client_id") clientId.focus();
      else if (code === "configuration") endpoints[0][1].focus();
    }
  });
  return card(
    element("h1", { id: "title", tabindex: "-1" }, words.text("form.title")),
    missing ? element("p", { class: "error" }, words.text(missing)) : null,
    element("p", { class: "lead" }, words.text("form.intro")),
    form,
  );
}

/**
 * What a command's code means, and the code itself for whoever is asked for help.
 * @param {Words} words
 * @param {unknown} code
 */
export function sentence(words, code) {
  const known = typeof code === "string" && words.has(`command.${code}`) ? code : "configuration";
  return [words.text(`command.${known}`), " ", element("span", { class: "code" }, words.text("failed.code", { code: known }))];
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
