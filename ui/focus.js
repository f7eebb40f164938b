// What a seller has in hand while the window is drawn anew: the focus, what
// was typed, what was opened.

/**
 * Remembers what was typed and what was opened, and gives a function that puts
 * it back. What is chosen for good (`data-chosen`) is the program's to remember.
 * @param {HTMLElement} root
 */
export function preserveInputs(root) {
  const fields = /** @type {NodeListOf<HTMLInputElement>} */ (root.querySelectorAll("input:not([data-chosen]), select:not([data-chosen]), textarea"));
  const isTicked = (/** @type {HTMLInputElement} */ field) => field.type === "radio" || field.type === "checkbox";
  const ticked = [...fields].filter((field) => isTicked(field) && field.checked).map((field) => field.id);
  const ticks = [...fields].filter(isTicked).map((field) => field.id);
  const typed = [...fields].filter((field) => field.type !== "file" && !isTicked(field));
  const values = typed.map((field) => /** @type {const} */ ([field.id, field.value]));
  const opened = [...root.querySelectorAll("details[open]")].map((details) => details.id);
  return () => {
    // First what the rest of a form hangs on.
    for (const id of ticks) {
      const field = /** @type {HTMLInputElement | null} */ (document.getElementById(id));
      if (!field) continue;
      field.checked = ticked.includes(id);
      if (field.checked) field.dispatchEvent(new Event("change", { bubbles: true }));
    }
    for (const [id, value] of values) {
      const field = /** @type {HTMLInputElement | null} */ (document.getElementById(id));
      if (!field) continue;
      field.value = value;
      if (field.tagName === "SELECT" || field.type === "search") field.dispatchEvent(new Event("change"));
      if (field.tagName === "TEXTAREA" && value) field.dispatchEvent(new Event("input"));
    }
    for (const id of opened) document.getElementById(id)?.setAttribute("open", "");
  };
}

/**
 * On a new screen the focus goes to its heading; on the same one it stays
 * where it was, or goes to the heading if that is gone.
 * @param {HTMLElement} main
 * @param {string} focused the id of what had the focus
 * @param {boolean} sameScreen
 * @param {boolean} first whether nothing was drawn before
 */
export function moveFocus(main, focused, sameScreen, first) {
  const heading = main.querySelector("h1");
  if (!sameScreen) {
    if (!first) heading?.focus();
  } else if (focused && document.activeElement?.id !== focused) {
    // At the end of a list there is only the way back.
    const other = focused.replace(/^(up|down)-/, (_, way) => (way === "up" ? "down-" : "up-"));
    (document.getElementById(focused) ?? document.getElementById(other) ?? heading)?.focus({ preventScroll: true });
  }
}
