// Small builders of elements. Text goes in as text, never as markup.

/** @typedef {Node | string | null | (Node | string | null)[]} Child */

/**
 * @param {string} tag
 * @param {Record<string, string>} attributes
 * @param {...Child} children
 */
export function element(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  for (const child of children.flat()) if (child !== null) node.append(child);
  return node;
}

/** @param {...Child} children */
export function card(...children) {
  return element("section", { class: "card" }, ...children);
}

/**
 * @param {"good" | "wait" | "bad" | "idle"} tone
 * @param {string} text
 */
export function pill(tone, text) {
  return element("p", { class: `pill tone-${tone}` }, text);
}

/**
 * @param {string} id
 * @param {Child} text
 * @param {Child} [button]
 */
export function note(id, text, button = null) {
  return element("div", { class: "note", id }, element("div", {}, text), button);
}

/** A command that did nothing says so with this event; its detail is the code. */
export const PROBLEM = "command-problem";

/**
 * Does something, and says so where it did nothing.
 * @param {() => unknown} act
 */
export async function reported(act) {
  try {
    await act();
  } catch (code) {
    document.dispatchEvent(new CustomEvent(PROBLEM, { detail: code }));
  }
}

/**
 * A button that does one thing, and not twice while it does it.
 * @param {string} id
 * @param {string} label
 * @param {() => unknown} act
 * @param {string} [className]
 */
export function action(id, label, act, className = "") {
  const button = element("button", { type: "button", id, class: className }, label);
  let busy = false;
  button.addEventListener("click", async () => {
    if (busy || button.getAttribute("aria-disabled") === "true") return;
    busy = true;
    await reported(act);
    busy = false;
  });
  return button;
}
