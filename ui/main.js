// Takes each moment from the program and has it drawn.

import { choose, drawn, watch } from "./bridge.js";
import { reported } from "./elements.js";
import { systemLanguage, Translations } from "./i18n.js";
import { ZOOMS } from "./settings.js";
import { draw, tick } from "./view.js";

/** @type {import("./types.js").Message | null} */
let message = null;
/** How far the program's clock, which follows the server's, is ahead of the window's. */
let clockOffset = 0;

/** The program knows that the window can be used. */
let told = false;

const now = () => Date.now() / 1000 + clockOffset;

function redraw() {
  if (!message) return;
  const language = message.language ?? systemLanguage(message.systemLanguages);
  draw(message, new Translations(language), now());
  if (!told) drawn();
  told = true;
}

watch((next) => {
  message = next;
  clockOffset = next.now - Date.now() / 1000;
  // Below a few seconds it is only rounding.
  if (Math.abs(clockOffset) < 5) clockOffset = 0;
  redraw();
});

/** The keys that every browser has for it. */
const ZOOM_KEYS = /** @type {Record<string, number>} */ ({ "+": 1, "=": 1, "-": -1, 0: 0 });

document.addEventListener("keydown", (event) => {
  const step = ZOOM_KEYS[event.key];
  if (!message || step === undefined || !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  const { zoom } = message.preferences;
  const next = step > 0 ? ZOOMS.find((each) => each > zoom) : ZOOMS.findLast((each) => each < zoom);
  reported(() => choose({ name: "zoom", value: step === 0 ? 100 : (next ?? zoom) }));
});

// A page's own menu has nothing to offer here, but for text.
document.addEventListener("contextmenu", (event) => {
  const isText = event.target instanceof HTMLInputElement || !document.getSelection()?.isCollapsed;
  if (!isText) event.preventDefault();
});

setInterval(() => tick(now()), 1000);
