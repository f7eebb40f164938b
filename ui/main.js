// Takes each moment from the program and has it drawn.

import { call, watch } from "./bridge.js";
import { systemLanguage, Words } from "./i18n.js";
import { draw, tick } from "./view.js";

/** @type {import("./bridge.js").Message | null} */
let message = null;
/** How far the program's clock, which follows the server's, is ahead of the window's. */
let clockOffset = 0;

/** The program knows that the window can be used. */
let told = false;

const now = () => Date.now() / 1000 + clockOffset;

function redraw() {
  if (!message) return;
  if (!told) requestAnimationFrame(() => call("drawn"));
  told = true;
  const language = message.language ?? systemLanguage(message.systemLanguages);
  draw(message, new Words(language), now());
}

watch((next) => {
  message = next;
  clockOffset = next.now - Date.now() / 1000;
  // Below a few seconds it is only rounding.
  if (Math.abs(clockOffset) < 5) clockOffset = 0;
  redraw();
});

setInterval(() => tick(now()), 1000);
