// Has the news read out by a screen reader.

import { movedText, removedText } from "./accounts.js";
import { verdict } from "./check.js";
import { checkupText } from "./computer.js";
import { isLate, noticeText } from "./parts.js";
import { updateText } from "./update.js";

/** @typedef {import("./parts.js").Moment} Moment */

/** What was read out last: how the connection stands, and which copy. */
let announcedStanding = "";
/** @type {number | null} */
let announcedCopy = null;

/**
 * Has the news read out: a new screen's heading, or what happened on the same one.
 * @param {Moment} moment
 * @param {boolean} sameScreen
 */
export function announce(moment, sameScreen) {
  const { message, words } = moment;
  // A renewal that goes on by itself is no news, and neither is its end.
  const routine = message.state.name === "refreshing" && sameScreen;
  const standing = routine ? announcedStanding : [...document.querySelectorAll("#main .pill, #main h1")].map((node) => node.textContent).join(": ");
  // A new screen, or the same one with another state, or help that came by itself.
  const news = standing === announcedStanding && sameScreen ? [] : [standing];
  announcedStanding = standing;
  if (isLate(moment)) news.push(words.text("awaiting.second_path_title"));
  if (message.notice) news.push(noticeText(moment));
  if (message.removed) news.push(removedText(moment));
  if (message.check.last && !message.check.running) news.push(verdict(moment, message.check.last));
  if (moment.panel === "settings") news.push(checkupText(moment));
  news.push(updateText(moment));
  const moved = movedText(moment);
  if (moved) news.push(moved);
  if (message.clipboardClearsAt) news.push(words.text("connected.copied_announced"));
  const text = news.filter(Boolean).join(" ");
  const status = /** @type {HTMLElement} */ (document.getElementById("status"));
  const copiedAgain = message.clipboardClearsAt !== null && message.clipboardClearsAt !== announcedCopy;
  announcedCopy = message.clipboardClearsAt;
  if (status.textContent === text && !copiedAgain) return;
  // The same words twice are only read twice if they were gone in between.
  status.textContent = "";
  setTimeout(() => (status.textContent = text));
}
