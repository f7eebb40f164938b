// The form for the seller's own credentials.

import { discover } from "./bridge.js";
import { action, card, element } from "./elements.js";

/** @typedef {import("./types.js").AccountForm} AccountForm */
/** @typedef {import("./i18n.js").Translations} Translations */

/** Where each kind of credentials can be from, the likeliest first. */
const ENVIRONMENTS = /** @type {const} */ ({
  client_credentials: ["hotmart", "sandbox", "custom"],
  authorization_code: ["hotmart-authentication", "hotmart", "sandbox", "custom"],
});
const ENDPOINTS = /** @type {const} */ (["authorize", "token", "revoke", "issuer", "keys", "api"]);

/**
 * @param {import("./types.js").Message} message
 * @param {Translations} words
 * @param {{ isNew: boolean, save: (form: AccountForm) => Promise<void>, cancel: (() => void) | null }} actions
 */
export function credentialsForm(message, words, actions) {
  const { account, state } = message;
  const own = actions.isNew ? null : account;
  const name = input("account-name", "text", own?.name ?? "");
  name.setAttribute("maxlength", "60");
  const environment = /** @type {HTMLSelectElement} */ (element("select", { id: "environment-choice" }));
  const kinds = kindChoice(words, own?.grantType ?? "client_credentials");

  const clientId = input("client-id", "text", own?.clientId);
  const clientSecret = input("client-secret", "password");

  const custom = customServer(words, own, () => kinds.value() === "authorization_code");
  const loopback = /** @type {HTMLInputElement} */ (element("input", { type: "checkbox", id: "loopback" }));
  loopback.checked = own?.hasLoopback ?? false;
  const [redirectUri, loopbackUri] = [element("code", { id: "redirect-uri" }), element("code", {})];
  const redirects = element(
    "div",
    {},
    element("p", { class: "small" }, words.text("form.redirect"), " ", redirectUri),
    element(
      "label",
      { class: "check" },
      loopback,
      element("span", {}, words.text("form.loopback"), " ", loopbackUri),
    ),
  );
  const showWhatFits = () => {
    custom.node.hidden = environment.value !== "custom";
    custom.scope.hidden = kinds.value() === "client_credentials" && environment.value !== "custom";
    redirects.hidden = kinds.value() === "client_credentials";
    // What is registered at a server stays as long as the server does.
    const endpoints = environment.value === "custom" ? custom.endpoints() : null;
    const asBefore = own?.environment === environment.value && own.endpoints?.token === endpoints?.token;
    const path = endpoints ? `/${pathOf(endpoints.token)}` : "";
    redirectUri.textContent = asBefore ? message.redirectUri : message.defaultRedirectUri + path;
    loopbackUri.textContent = asBefore && own.hasLoopback ? message.loopbackRedirectUri : message.defaultLoopbackRedirectUri + path;
  };
  const offerEnvironments = () => {
    const before = environment.value || own?.environment;
    const offered = ENVIRONMENTS[kinds.value()];
    environment.replaceChildren(
      ...offered.map((value) => element("option", { value }, words.text(value === "hotmart" ? "environment.production" : `environment.${value}`))),
    );
    environment.value = offered.find((value) => value === before) ?? offered[0];
    showWhatFits();
  };
  offerEnvironments();
  kinds.node.addEventListener("change", offerEnvironments);
  environment.addEventListener("change", showWhatFits);
  custom.node.addEventListener("input", showWhatFits);

  const missing =
    state.name === "unconfigured" && state.missing !== "credentials" && !actions.isNew ? `form.missing_${state.missing}` : null;
  const problem = element("div", { id: "form-problem", class: "error", role: "alert", tabindex: "-1" });
  const save = element("button", { type: "submit", id: "save", class: "primary" }, words.text("form.save"));
  const secretHint = own?.hasClientSecret ? "form.secret_saved" : "form.secret_hint";
  const form = element(
    "form",
    { novalidate: "", autocomplete: "off" },
    kinds.node,
    labelled(words.text("form.environment"), environment),
    custom.node,
    custom.scope,
    labelled(words.text("form.client_id"), clientId),
    labelled(words.text("form.client_secret"), clientSecret, words.text(secretHint)),
    redirects,
    labelled(words.text("form.name"), name, words.text("form.name_hint")),
    problem,
    element(
      "div",
      { class: "actions" },
      save,
      actions.cancel ? action("back", words.text("action.cancel"), actions.cancel) : null,
    ),
  );
  let busy = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (busy) return;
    busy = true;
    problem.textContent = "";
    for (const field of form.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
    const isCustom = environment.value === "custom";
    try {
      await actions.save({
        id: own?.id ?? null,
        name: name.value || null,
        environment: /** @type {AccountForm["environment"]} */ (environment.value),
        grantType: kinds.value(),
        clientId: clientId.value,
        clientSecret: clientSecret.value || null,
        endpoints: isCustom ? custom.endpoints() : null,
        clientAuthentication: isCustom && (clientSecret.value || own?.hasClientSecret) ? custom.authentication() : null,
        scope: custom.scope.hidden ? null : custom.asks(),
        loopback: loopback.checked && kinds.value() === "authorization_code",
      });
    } catch (code) {
      const wrong = code === "client_id" ? [clientId] : code === "configuration" ? custom.unusable() : [];
      problem.replaceChildren(...sentence(words, code), fieldLinks(wrong));
      for (const field of wrong) field.setAttribute("aria-invalid", "true");
      problem.focus();
    } finally {
      busy = false;
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
 * The two kinds of credentials, each in a sentence.
 * @param {Translations} words
 * @param {import("./types.js").GrantType} chosen
 */
function kindChoice(words, chosen) {
  const kinds = /** @type {const} */ (["client_credentials", "authorization_code"]);
  const radios = kinds.map((kind) => {
    const radio = /** @type {HTMLInputElement} */ (element("input", { type: "radio", name: "kind", id: `kind-${kind}`, value: kind }));
    radio.checked = kind === chosen;
    return radio;
  });
  const node = element(
    "fieldset",
    { class: "kinds" },
    element("legend", {}, words.text("form.kind")),
    radios.map((radio, index) =>
      element(
        "label",
        { class: "check" },
        radio,
        element("span", {}, element("strong", {}, words.text(`form.kind_${kinds[index]}`)), " ", words.text(`form.kind_${kinds[index]}_text`)),
      ),
    ),
  );
  const value = () => kinds[radios.findIndex((radio) => radio.checked)] ?? kinds[0];
  return { node, value };
}

/**
 * The addresses of a server that is not in the table, filled in by the server
 * itself where it can.
 * @param {Translations} words
 * @param {import("./types.js").Account | null} own
 * @param {() => boolean} byBrowser whether the credentials are for people who log in
 */
function customServer(words, own, byBrowser) {
  // Empty for the environment's own.
  const scope = input("scope", "text", own?.requestedScope ?? "");
  const fields = ENDPOINTS.map((name) => /** @type {const} */ ([name, input(`endpoint-${name}`, "url", own?.endpoints?.[name] ?? "")]));
  const issuer = /** @type {HTMLInputElement} */ (fields.find(([name]) => name === "issuer")?.[1]);
  const way = /** @type {HTMLSelectElement} */ (element("select", { id: "client-authentication" }));
  for (const value of ["basic", "body"]) way.append(element("option", { value }, words.text(`form.authentication_${value}`)));
  way.value = own?.clientAuthentication === "body" ? "body" : "basic";
  let issuerInAnswer = own?.endpoints?.issuer_in_answer ?? false;
  const status = element("p", { class: "small", role: "status", id: "discovered" });
  const find = action("discover", words.text("form.discover"), async () => {
    status.textContent = words.text("form.discovering");
    try {
      const found = await discover(issuer.value);
      issuerInAnswer = found.endpoints.issuer_in_answer ?? false;
      for (const [name, field] of fields) if (name !== "api") field.value = found.endpoints[name] ?? "";
      way.value = found.clientAuthentication;
      // What a server offers is for people who log in.
      if (!scope.value && byBrowser()) scope.value = found.scope;
      status.textContent = words.text("form.discovered");
      node.dispatchEvent(new Event("input"));
    } catch (code) {
      status.replaceChildren(...sentence(words, code));
    }
  });
  const label = (/** @type {string} */ name) => words.text(`form.endpoint_${name}`);
  const node = element(
    "div",
    {},
    labelled(label("issuer"), issuer, words.text("form.discover_hint")),
    element("div", { class: "actions" }, find),
    status,
    fields.filter(([name]) => name !== "issuer").map(([name, field]) => labelled(label(name), field)),
    labelled(words.text("form.authentication"), way),
  );
  return {
    node,
    endpoints: () => {
      const filled = fields.map(([name, field]) => [name, field.value.trim()]).filter(([, value]) => value);
      const endpoints = /** @type {import("./types.js").Endpoints} */ ({ token: "", ...Object.fromEntries(filled) });
      return issuerInAnswer ? { ...endpoints, issuer_in_answer: true } : endpoints;
    },
    authentication: () => way.value,
    scope: labelled(words.text("form.scope"), scope, words.text("form.scope_hint")),
    asks: () => scope.value,
    // The token endpoint alone has to be there.
    unusable: () => fields.filter(([name, field]) => (field.value.trim() ? !isUsable(field.value.trim()) : name === "token")).map(([, field]) => field),
  };
}

/**
 * Whether an address could be a server's: over TLS, or on this machine.
 * @param {string} address
 */
function isUsable(address) {
  if (!URL.canParse(address)) return false;
  const { protocol, hostname } = new URL(address);
  return protocol === "https:" || (protocol === "http:" && ["127.0.0.1", "[::1]", "localhost"].includes(hostname));
}

/**
 * The fields that a problem is about, each one click away.
 * @param {HTMLInputElement[]} fields
 */
function fieldLinks(fields) {
  const label = (/** @type {HTMLInputElement} */ field) => field.labels?.[0]?.textContent ?? field.id;
  return element("div", { class: "actions" }, fields.map((field) => action(`to-${field.id}`, label(field), () => field.focus(), "quiet")));
}

/**
 * A token endpoint as one segment of a path: each server has a redirect URI of its own.
 * @param {string} token
 */
function pathOf(token) {
  const address = token.split(/[?#]/)[0].replace(/^.*?:\/\//, "").replace(/^\/+|\/+$/g, "");
  return address.toLowerCase().replace(/[^a-z0-9.-]/g, "_");
}

/**
 * What a command's code means, and the code itself for the person whom the user asks for help.
 * @param {Translations} words
 * @param {unknown} code
 */
export function sentence(words, code) {
  const known = typeof code === "string" && words.has(`command.${code}`) ? code : "configuration";
  return [words.text(`command.${known}`), " ", element("span", { class: "code" }, words.text("failed.code", { code: known }))];
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
