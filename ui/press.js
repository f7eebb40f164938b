// A button that is held down stays where it is until it is let go.

/** It does so for this long at the most, in milliseconds. */
const LONGEST_PRESS = 1000;
let pressed = false;
/** @type {(() => void) | null} what is to be drawn then */
let waiting = null;

// Drawn anew between the two halves of a click, a button would not hear of it.
document.addEventListener("pointerdown", (event) => {
  if (!(event.target instanceof Element) || !event.target.closest("button, summary")) return;
  pressed = true;
  setTimeout(letGo, LONGEST_PRESS);
});
for (const end of ["pointerup", "pointercancel"]) {
  document.addEventListener(end, () => {
    // What the click itself does is drawn at once.
    pressed = false;
    setTimeout(letGo);
  });
}

function letGo() {
  pressed = false;
  const meanwhile = waiting;
  waiting = null;
  meanwhile?.();
}

/**
 * Whether something is held down; then `draw` is called once it is not.
 * Of several, the last one counts.
 * @param {() => void} draw
 */
export function mustWait(draw) {
  if (pressed) waiting = draw;
  return pressed;
}
