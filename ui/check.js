// What a check of the connection found, in words, and what can be done about it.

import { saveAccount } from "./bridge.js";
import { action, element, note } from "./elements.js";
import { ask, errorText } from "./parts.js";

/** @typedef {import("./parts.js").Moment} Moment */

/** Verdicts after which there is nothing to be done. */
const GOOD = ["works"];

/**
 * The last check's result, or that there is none yet.
 * @param {Moment} moment
 */
export function lastCheck(moment) {
  const { words, now } = moment;
  const { running, last } = moment.message.check;
  if (running) return element("span", {}, words.text("check.running"));
  if (!last) return element("span", {}, words.text("check.never"));
  const text = isGood(last)
    ? element("span", { class: "good", id: "verdict" }, verdict(moment, last))
    : element("span", { class: "bad" }, words.text("check.did_not_pass"));
  return element("span", {}, text, " ", element("span", { class: "small" }, words.text("check.at", { moment: words.moment(last.at, now) })));
}

/** @param {import("./types.js").LastCheck} last */
function isGood(last) {
  return GOOD.includes(last.verdict);
}

/**
 * What is wrong, and what to do about it, where the user does not overlook it.
 * @param {Moment} moment
 */
export function checkProblem(moment) {
  const { running, last } = moment.message.check;
  if (running || !last || isGood(last)) return null;
  const problem = note("check-problem", element("p", { id: "verdict" }, verdict(moment, last)));
  const move = moveAction(moment);
  return element("div", {}, problem, move ? element("div", { class: "actions move" }, move) : null);
}

/**
 * @param {Moment} moment
 * @param {import("./types.js").LastCheck} last
 */
export function verdict({ words, message, now }, last) {
  if (last.verdict === "works") {
    const took = words.seconds(last.milliseconds / 1000);
    const works = words.text("check.works", { took });
    const left = last.callsLeft === null ? "" : ` ${words.text("check.calls_left", { count: words.number(last.callsLeft) })}`;
    return works + left;
  }
  if (last.verdict === "too_many_requests" && last.waitUntil !== null && last.waitUntil > now) {
    return words.text("check.too_many_requests_until", { time: words.duration(last.waitUntil - now) });
  }
  if (last.verdict === "not_renewed") return words.text("check.not_renewed", { reason: errorText({ message, words }, last.error) });
  const sandbox = last.verdict === "unreachable" && message.account?.environment === "sandbox";
  return words.text(sandbox ? "check.sandbox_unreachable" : `check.${last.verdict}`);
}

/** @param {Moment} moment */
export function checkAction(moment) {
  const { words, message } = moment;
  const { possible, running } = message.check;
  if (!possible) return null;
  const button = action("check", words.text(running ? "action.checking" : "action.check"), ask(moment, "check"));
  if (running) button.setAttribute("aria-disabled", "true");
  return button;
}

/**
 * Who is connected, as far as the last check found out.
 * @param {import("./types.js").Message} message
 */
export function checkedWho({ check }) {
  return check.last && "who" in check.last ? check.last.who : null;
}

/**
 * Whether the account is in the wrong environment.
 * @param {Moment} moment
 */
export function isMisplaced({ message }) {
  return !message.check.running && (message.check.last?.verdict ?? "").startsWith("belongs_to_");
}

/**
 * A credential that was put into the wrong environment is moved with one click.
 * @param {Moment} moment
 */
function moveAction({ words, message }) {
  const { account, check } = message;
  const verdict = check.last?.verdict;
  const environment = verdict === "belongs_to_sandbox" ? "sandbox" : verdict === "belongs_to_production" ? "hotmart" : null;
  if (!account || !environment) return null;
  const move = () =>
    saveAccount({
      id: account.id,
      name: account.name,
      environment,
      grantType: account.grantType,
      clientId: account.clientId,
      clientSecret: null,
      endpoints: null,
      clientAuthentication: account.clientAuthentication,
      scope: null,
      loopback: account.hasLoopback,
    });
  return action("move", words.text(`action.move_to_${environment}`), move, "primary");
}
