// Words, numbers and dates in the seller's language.

import en from "./locales/en.js";
import es from "./locales/es.js";
import ptBR from "./locales/pt-BR.js";

/** @type {Record<string, Record<string, string>>} */
const locales = { "pt-BR": ptBR, es, en };

export const languages = Object.keys(locales);

/**
 * The system's first language that we speak; English if there is none.
 * @param {readonly string[]} preferred
 */
export function systemLanguage(preferred) {
  for (const tag of preferred) {
    const known = languages.find((language) => language.slice(0, 2) === tag.slice(0, 2).toLowerCase());
    if (known) return known;
  }
  return "en";
}

/** One language's words and formats. */
export class Translations {
  /** @param {string} language */
  constructor(language) {
    this.language = language in locales ? language : "pt-BR";
    this.texts = locales[this.language];
  }

  /**
   * The text of a key, with its places filled in. An unknown key is shown as it
   * is: ugly, and so found.
   * @param {string} key
   * @param {Record<string, string>} [places]
   */
  text(key, places = {}) {
    const text = this.texts[key] ?? key;
    return text.replace(/\{(\w+)\}/g, (whole, name) => places[name] ?? whole);
  }

  /** @param {string} key */
  has(key) {
    return key in this.texts;
  }

  /**
   * A length of time in its two largest units, or one when it is short.
   * @param {number} seconds
   * @param {"long" | "short"} [display]
   */
  duration(seconds, display = "long") {
    const left = Math.max(0, Math.round(seconds));
    /** @type {[string, number][]} */
    const units = [
      ["day", Math.floor(left / 86400)],
      ["hour", Math.floor((left % 86400) / 3600)],
      ["minute", Math.floor((left % 3600) / 60)],
      ["second", left % 60],
    ];
    const first = units.findIndex(([, count]) => count > 0);
    if (first < 0) return this.unit("second", 0, display);
    // Seconds matter only at the end; above an hour they would only flicker.
    const shown = units.slice(first, first + 2).filter(([, count]) => count > 0);
    const parts = shown.map(([unit, count]) => this.unit(unit, count, display));
    return new Intl.ListFormat(this.language, { type: "unit", style: "long" }).format(parts);
  }

  /**
   * @param {string} unit
   * @param {number} count
   * @param {"long" | "short"} display
   */
  unit(unit, count, display) {
    return new Intl.NumberFormat(this.language, { style: "unit", unit, unitDisplay: display }).format(count);
  }

  /** @param {number} value */
  number(value) {
    return new Intl.NumberFormat(this.language).format(value);
  }

  /** @param {number} percent */
  percent(percent) {
    return new Intl.NumberFormat(this.language, { style: "percent" }).format(percent / 100);
  }

  /**
   * A short time, with a fraction.
   * @param {number} value
   */
  seconds(value) {
    /** @type {Intl.NumberFormatOptions} */
    const options = { style: "unit", unit: "second", unitDisplay: "short", maximumFractionDigits: 1 };
    return new Intl.NumberFormat(this.language, options).format(Math.max(0.1, value));
  }

  /**
   * A moment: the time alone if it is today, the day with it if not.
   * @param {number} seconds since the epoch
   * @param {number} now
   */
  moment(seconds, now) {
    const date = new Date(seconds * 1000);
    const today = date.toDateString() === new Date(now * 1000).toDateString();
    /** @type {Intl.DateTimeFormatOptions} */
    const options = today ? { timeStyle: "short" } : { dateStyle: "medium", timeStyle: "short" };
    return new Intl.DateTimeFormat(this.language, options).format(date);
  }
}
