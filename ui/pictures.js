// Drawings of our own: signs for tools, the way to a credential, and what a
// state feels like. They say nothing that the words beside them do not say.

const SVG = "http://www.w3.org/2000/svg";

/** Lines on a ground of 24 by 24. */
const SIGNS = /** @type {Record<string, string>} */ ({
  // A key.
  computer: "M8 8a4 4 0 1 0 .01 0M11 10.5l9 7.5M16 14.5l2-2.5M18.5 16.5l1.6-2",
  // Knots on a string.
  n8n: "M4 12h4M16 7h-2l-3 5M16 17h-2l-3-5M8 12h3M4 12a1.6 1.6 0 1 0-.01 0M18 7a1.8 1.8 0 1 0 3.6 0a1.8 1.8 0 1 0-3.6 0M18 17a1.8 1.8 0 1 0 3.6 0a1.8 1.8 0 1 0-3.6 0",
  // Three bars that lean.
  make: "M4.5 18l3-12 2.6.6-3 12zM11 18.2l2.6-12 2.6.6-2.6 12zM18 6v12h2.6V6z",
  // A table with a chart's line.
  excel: "M4 5h16v14H4zM4 9.5h16M9.5 9.5V19M12 16l2.5-3 2 1.5 2.5-3",
  // A sheet with rows.
  sheets: "M6 3h8l4 4v14H6zM14 3v4h4M9 11h6M9 14h6M9 17h6M12 11v6",
  // A letter that flies.
  postman: "M3 12l18-8-6 16-4-6zM11 14l10-10",
  // Someone who talks.
  mcp: "M5 5h14v10h-8l-4 4v-4H5zM9 9v2M15 9v2",
  terminal: "M3 5h18v14H3zM7 9l3 3-3 3M12 15h5",
  // A plug.
  other: "M9 3v5M15 3v5M6 8h12v3a6 6 0 0 1-12 0zM12 17v4",
});

/** The three steps on Hotmart's page, on a ground of 96 by 64. */
const STEPS = /** @type {Record<string, string>} */ ({
  // A menu with one line chosen.
  1: "M6 6h84v52H6zM32 6v52M12 16h14M12 26h14M12 36h14M12 46h10M10 32h18v8H10zM42 20h36M42 30h28M42 40h32",
  // A button with a plus, and a pointer on it.
  2: "M6 6h84v52H6zM22 24h52v18H22zM32 33h8M36 29v8M46 33h20M66 38l12 8-6 1.5 3 6-3 1.5-3-6-4 4z",
  // Three lines, each with its sign for copying.
  3: "M6 6h84v52H6zM16 18h40M16 32h46M16 46h34M72 14h8v8h-8zM72 28h8v8h-8zM72 42h8v8h-8z",
});

/** What a state feels like, on a ground of 96 by 64. */
const STATES = /** @type {Record<string, string>} */ ({
  // Two ends of a chain that wait for each other.
  disconnected: "M40 22l-6 6a12 12 0 0 0 0 17l1 1a12 12 0 0 0 17 0l3-3M56 42l6-6a12 12 0 0 0 0-17l-1-1a12 12 0 0 0-17 0l-3 3M46 32h4",
  // A door that stays shut.
  denied: "M32 8h32v50H32zM24 58h48M56 34h.01M38 14h20M38 20h20",
  // An hourglass that has run out.
  expired: "M34 8h28M34 56h28M37 8v8l11 16 11-16V8M37 56v-8l11-16 11 16v8M41 52h14",
  // A safe that cannot be opened.
  keyring: "M24 10h48v40H24zM30 50v6M66 50v6M48 30a8 8 0 1 0 .01 0M48 22v-4M48 42v-4M40 30h-4M60 30h-4M78 20v8M78 36v4",
  // A cable that was pulled out.
  failed: "M8 32h22M30 24h10v16H30zM40 28h5M40 36h5M88 32H66M66 24v16h-8l-4-4v-8l4-4zM48 22l2-8M48 42l2 8",
});

/**
 * @param {string} lines
 * @param {string} ground
 * @param {string} className
 */
function drawing(lines, ground, className) {
  const svg = document.createElementNS(SVG, "svg");
  for (const [name, value] of Object.entries({ viewBox: ground, class: className, "aria-hidden": "true", focusable: "false" })) svg.setAttribute(name, value);
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", lines);
  svg.append(path);
  return svg;
}

/** @param {string} tool */
export const toolSign = (tool) => drawing(SIGNS[tool], "0 0 24 24", "tool-sign");

/** @param {number} step */
export const stepDrawing = (step) => drawing(STEPS[step], "0 0 96 64", "drawing");

/** @param {string} state */
export const stateDrawing = (state) => drawing(STATES[state], "0 0 96 64", "drawing state-drawing");
