// The first screen: one field for whatever Hotmart shows, and one button. What
// kind of credential it is and where it lives, the program finds out.

import { addAccount, computer, readPasted } from "./bridge.js";
import { action, card, element } from "./elements.js";
import { sentence } from "./form.js";
import { heading } from "./parts.js";
import { stepDrawing } from "./pictures.js";

/** @typedef {import("./types.js").Environment} Environment */
/** @typedef {import("./parts.js").Moment} Moment */

const STEPS = [1, 2, 3];
/** Where a credential can live, if only its owner knows. */
const PLACES = /** @type {const} */ (["hotmart", "sandbox"]);

/** @param {Moment} moment */
export function start(moment) {
  const { message, words, panel, go } = moment;
  const field = /** @type {HTMLTextAreaElement} */ (
    element("textarea", { id: "pasted", class: "masked", rows: "3", autocomplete: "off", spellcheck: "false", autocapitalize: "off", "aria-describedby": "pasted-hint understood" })
  );
  const understood = element("p", { id: "understood", class: "understood", role: "status" });
  const problem = element("div", { id: "pasted-problem", class: "error", role: "alert", tabindex: "-1" });
  const places = element("div", { id: "pasted-place", role: "group", "aria-label": words.text("start.place"), hidden: "" });
  const connect = action("connect-pasted", words.text("action.connect"), () => connectIt(), "primary");

  /** @param {string} code @param {string} [end] */
  const tell = (code, end = "") => {
    understood.textContent = code === "empty" ? "" : words.text(`pasted.${code}`, { end });
    understood.classList.toggle("good", code === "good");
    field.setAttribute("aria-invalid", String(code !== "good" && code !== "empty"));
  };
  const read = async () => {
    const text = field.value;
    problem.replaceChildren();
    places.hidden = true;
    const { code, clientIdEnd } = await readPasted(text);
    // What was typed meanwhile is read by itself.
    if (text === field.value) tell(code, clientIdEnd);
    return code;
  };
  let busy = false;
  /** @param {Environment | null} [environment] */
  const connectIt = async (environment = null) => {
    if (busy) return;
    if ((await read()) !== "good") {
      if (!field.value.trim()) understood.textContent = words.text("pasted.empty");
      field.focus();
      return;
    }
    busy = true;
    connect.textContent = words.text("start.asking");
    connect.setAttribute("aria-disabled", "true");
    try {
      await addAccount({ pasted: { text: field.value, environment } });
      field.value = "";
      // Whoever went elsewhere meanwhile stays there.
      if (field.isConnected) go(null);
    } catch (code) {
      if (code === "which_environment") {
        places.hidden = false;
        document.getElementById(`place-${PLACES[0]}`)?.focus();
      } else {
        problem.replaceChildren(...sentence(words, code));
        problem.focus();
      }
    } finally {
      busy = false;
      connect.textContent = words.text("action.connect");
      connect.removeAttribute("aria-disabled");
    }
  };
  field.addEventListener("input", read);
  // What is pasted after something else is another value.
  field.addEventListener("paste", () => {
    const { value, selectionStart: place, selectionEnd: end } = field;
    if (place === end && place > 0 && /\S/.test(value[place - 1])) field.setRangeText("\n", place, end, "end");
  });
  places.append(
    element("p", { class: "lead" }, words.text("command.which_environment")),
    element("div", { class: "actions" }, PLACES.map((place) => action(`place-${place}`, words.text(`start.place_${place}`), () => connectIt(place)))),
  );
  const back = panel === "new" && message.accounts.length > 0;
  return [
    card(
      heading(moment, "start.title"),
      element("p", { class: "lead" }, words.text("start.text")),
      element("label", { for: "pasted", class: "field-label" }, words.text("start.label")),
      field,
      element("p", { id: "pasted-hint", class: "small" }, words.text("start.hint")),
      understood,
      problem,
      places,
      element("div", { class: "actions in-sight" }, connect),
      back ? element("div", { class: "actions" }, action("back", words.text("action.cancel"), () => go(null))) : null,
      steps(moment),
      otherWays(moment),
    ),
  ];
}

/**
 * Where the credential is on Hotmart.
 * @param {Moment} moment
 */
function steps({ words }) {
  return element(
    "section",
    { class: "steps", "aria-labelledby": "steps-title" },
    element("h2", { id: "steps-title" }, words.text("start.steps")),
    element("ol", {}, STEPS.map((step) => element("li", {}, stepDrawing(step), element("span", {}, words.text(`start.step_${step}`))))),
    element("div", { class: "actions" }, action("open-credentials", words.text("start.open"), () => computer("credentials"))),
  );
}

/**
 * What few need: every field by itself, and a place to try things out.
 * @param {Moment} moment
 */
function otherWays({ message, words, go }) {
  const practise = async () => {
    await addAccount("practice");
    go(null);
  };
  const hasPractice = message.accounts.some((account) => account.environment === "practice");
  return element(
    "details",
    { id: "more" },
    element("summary", { id: "more-title" }, words.text("start.more")),
    element("p", { class: "small" }, words.text("start.fill_in_text")),
    element("div", { class: "actions" }, action("fill-in", words.text("start.fill_in"), () => go("fields"))),
    hasPractice ? null : element("p", { class: "small apart" }, element("strong", {}, words.text("practice.title")), " ", words.text("practice.text")),
    hasPractice ? null : element("div", { class: "actions" }, action("use-practice", words.text("practice.action"), practise)),
  );
}
