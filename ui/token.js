// The token's card: how long it lives, and how it gets to where it is needed.
// The token itself never comes into this window.

import { action, element } from "./elements.js";
import { CURL, ask, clock, copied, isSpent } from "./parts.js";

/** @typedef {import("./types.js").Session} Session */
/** @typedef {import("./parts.js").Moment} Moment */

/** The forms that tools ask for, besides the token alone. */
const FORMS = /** @type {const} */ (["header", "curl", "env", "powershell", "json", "n8n"]);
const COMMAND = `hotmart-token --format curl | ${CURL} --config - https://developers.hotmart.com/…`;

/**
 * @param {Moment} moment
 * @param {Session} session
 * @param {boolean} other whether something else is to be done first
 */
export function tokenCard(moment, session, other) {
  const { words, now } = moment;
  const spent = isSpent(session, now);
  const token = action("copy-token", words.text("action.copy_token"), copy(moment, "token"), other || spent ? "" : "primary");
  // It stays in its place when it can't be used: nothing else moves under the pointer.
  if (spent) token.setAttribute("aria-disabled", "true");
  return element(
    "section",
    { class: "token", "aria-labelledby": "token-title" },
    element(
      "div",
      { class: "token-head" },
      element("h2", { id: "token-title" }, words.text("token.title")),
      element("span", { class: "mask", "aria-hidden": "true" }, "••••••••••••"),
    ),
    element("p", { class: "visually-hidden" }, words.text("token.hidden")),
    lifetime(moment, session),
    element("div", { class: "actions" }, token),
    spent ? null : copied(moment, words.text("connected.copy_hint")),
    formats(moment, spent),
  );
}

/**
 * Copies the token in one of its formats.
 * @param {Moment} moment
 * @param {import("./types.js").TokenFormat} format
 */
function copy(moment, format) {
  return ask(moment, { name: "copy", target: { bearer: format } });
}

/**
 * The two horizons: until when there is access, and until when the seller need not act.
 * @param {Moment} moment
 * @param {Session} session
 */
function lifetime({ words, now }, session) {
  const { expiresAt, obtainedAt, reconnectBy, renewable } = session;
  if (expiresAt === null) return element("p", { class: "small" }, words.text("fact.validity_unknown"));
  if (expiresAt <= now) return element("p", { class: "small", id: "access-until" }, words.text("token.ended", { moment: words.moment(expiresAt, now) }));
  const bar = element("span", { "data-bar-from": String(obtainedAt), "data-bar-until": String(expiresAt) });
  const until = words.text(renewable ? "token.renews" : "token.does_not_renew", { moment: words.moment(expiresAt, now) });
  const later = renewable && reconnectBy !== null ? words.text("token.reconnect_by", { moment: words.moment(reconnectBy, now) }) : null;
  return element(
    "div",
    { class: "lifetime" },
    clock("fact.valid_for", expiresAt),
    element("div", { class: "bar", "aria-hidden": "true" }, bar),
    element("p", { class: "small", id: "access-until" }, until),
    later ? element("p", { class: "small", id: "reconnect-by" }, later) : null,
  );
}

/**
 * @param {Moment} moment
 * @param {boolean} spent
 */
function formats(moment, spent) {
  const { words } = moment;
  const buttons = FORMS.map((form) => {
    const button = action(`copy-${form}`, words.text(`token.form.${form}`), copy(moment, form));
    if (spent) button.setAttribute("aria-disabled", "true");
    return button;
  });
  return element(
    "details",
    { id: "formats" },
    element("summary", { id: "formats-title" }, words.text("token.formats")),
    element("div", { class: "actions chips" }, buttons),
    element("p", { class: "small" }, words.text("token.command")),
    element("p", { class: "command" }, element("code", {}, COMMAND)),
  );
}

/**
 * The one thing that ends this connection when it is used.
 * @param {Moment} moment
 */
export function refreshToken(moment) {
  const { words } = moment;
  return element(
    "details",
    { id: "refresh-token" },
    element("summary", { id: "refresh-token-title" }, words.text("token.refresh")),
    element("p", { class: "small warning", id: "refresh-token-warning" }, words.text("token.refresh_warning")),
    element("div", { class: "actions" }, action("copy-refresh-token", words.text("action.copy_refresh_token"), ask(moment, { name: "copy", target: "refresh_token" }), "danger")),
  );
}
