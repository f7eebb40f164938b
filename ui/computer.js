// "Check this computer": what was found, in words, and what puts it right.

import { computer as ask } from "./bridge.js";
import { action, card, element } from "./elements.js";
import { errorText } from "./parts.js";

/** @typedef {import("./types.js").Finding} Finding */
/** @typedef {import("./parts.js").Moment} Moment */

const SIGNS = { good: "✓", note: "i", bad: "!" };

/** @param {Moment} moment */
export function computer(moment) {
  const { message, words } = moment;
  const running = message.checkup?.running ?? false;
  const items = message.checkup?.findings ?? [];
  const check = action(
    "check-computer",
    words.text(running ? "action.checking_computer" : "action.check_computer"),
    () => ask("check"),
  );
  if (running) check.setAttribute("aria-disabled", "true");
  return card(
    element("h2", { id: "computer-title" }, words.text("computer.title")),
    element("p", { class: "lead" }, words.text("computer.text")),
    items.length ? element("ul", { class: "findings" }, items.map((item) => finding(moment, item))) : null,
    element("div", { class: "actions" }, check, action("open-logs", words.text("action.open_logs"), () => ask("logs"))),
    items.length ? reporting(moment) : null,
  );
}

/**
 * @param {Moment} moment
 * @param {Finding} item
 */
function finding(moment, item) {
  const { words } = moment;
  return element(
    "li",
    { class: `finding is-${item.severity}`, id: `finding-${item.name}` },
    element("span", { class: "sign", "aria-hidden": "true" }, SIGNS[item.severity]),
    element(
      "div",
      {},
      element("p", { class: "finding-name" }, words.text(`computer.${item.name}`), element("span", { class: "visually-hidden" }, `: ${words.text(`computer.severity.${item.severity}`)}`)),
      element("p", { class: "small" }, found(moment, item)),
      item.fix ? element("div", { class: "actions" }, fixAction(moment, item, item.fix)) : null,
    ),
  );
}

/**
 * @param {Moment} moment
 * @param {Finding} item
 */
function found(moment, { name, code, value }) {
  const { words } = moment;
  const key = `computer.${name}.${code}`;
  if (!words.has(key)) return errorText(moment, code);
  return words.text(key, { value: value ?? "", time: words.duration(Number(value)) });
}

/**
 * @param {Moment} moment
 * @param {Finding} item
 * @param {import("./types.js").Fix} what
 */
function fixAction({ words }, item, what) {
  const label = words.text(item.code === "locked" ? "action.unlock" : `computer.fix.${what}`);
  return action(`fix-${what}`, label, () => ask(what));
}

/** @param {Moment} moment */
function reporting({ message, words }) {
  const { report: path, copied } = message.checkup ?? { report: null, copied: false };
  const done = path ? words.text("computer.report_saved", { path }) : copied ? words.text("computer.report_copied") : "";
  return element(
    "div",
    { class: "report" },
    element("p", { class: "small" }, words.text("computer.report")),
    element(
      "div",
      { class: "actions pair" },
      action("save-report", words.text("action.save_report"), () => ask("save_report")),
      action("copy-report", words.text("action.copy_report"), () => ask("copy_report")),
    ),
    done ? element("p", { class: "small good", id: "report-done" }, done) : null,
  );
}

/**
 * What a look at this computer found, to be read out.
 * @param {Moment} moment
 */
export function checkupText({ message, words }) {
  const { checkup } = message;
  if (!checkup || checkup.running || !checkup.findings.length) return "";
  if (checkup.copied || checkup.report) return words.text(checkup.copied ? "computer.report_copied" : "computer.report_saved", { path: checkup.report ?? "" });
  const count = checkup.findings.filter((item) => item.severity === "bad").length;
  return words.text(count ? "computer.done_problems" : "computer.done", { count: words.number(count) });
}
