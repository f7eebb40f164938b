// Every state the window can show, as the program would tell it. It runs in
// the real page, and has the page's own code draw each of them.

const NOW = 1795550400;
const session = {
  expiresAt: NOW + 6300, obtainedAt: NOW - 900, scope: "openid developers sales", seller: "Ana Souza (ana@exemplo.com)",
  renewable: true, hasRefreshToken: true, reconnectBy: null, storage: "keyring",
};
const account = {
  id: "main", name: "Loja da Ana", environment: "hotmart", grantType: "authorization_code", clientId: "seller-app-7f3d",
  clientAuthentication: null, isBuiltIn: false, hasClientSecret: true, endpoints: null, hasLoopback: true, requestedScope: "all", apiBase: "https://developers.hotmart.com",
};
const line = { id: "main", name: "Loja da Ana", environment: "hotmart", state: "connected", isDefault: true };
const base = {
  now: NOW, language: "pt-BR", systemLanguages: [], settingsProblem: null, settingsFile: "/home/ana/.config/app.hotmart-connect/settings.json",
  hasOwnAccount: true, hasBuiltIn: false, redirectUri: "app.hotmart-connect:/oauth/callback",
  defaultRedirectUri: "app.hotmart-connect:/oauth/callback", loopbackRedirectUri: "http://127.0.0.1:47989/callback",
  defaultLoopbackRedirectUri: "http://127.0.0.1:47991/callback",
  links: "come_back", account, accounts: [line], nextDefault: null, removed: null, state: { name: "disconnected" }, notice: null,
  clipboardClearsAt: null, check: { possible: true, running: false, last: null },
  preferences: { clipboardSeconds: 60, keepInTray: true, trayIsThere: true, startAtLogin: false, notifications: true, zoom: 100 },
  checkup: null, proxy: null, localKeys: [], door: "not_needed", doorAddress: "http://127.0.0.1:47993",
  version: "1.0.0", update: { name: "newest" },
};
const works = { at: NOW - 60, verdict: "works", who: "Ana Souza (ana@exemplo.com)", milliseconds: 240, callsLeft: 499 };
const stopped = { tokensWaiting: false, canCancel: true, canKeepInMemory: true, removing: false };
const waiting = { name: "awaiting_browser", browser: "opened", expiresAt: NOW + 540, since: NOW - 20, returnPath: "link", secondPath: true };
const words = { code: "invalid_grant", description: "Token has been revoked or expired" };
const found = (name, severity, code, value = null, fix = null) => ({ name, severity, code, value, fix });
const good = [
  found("links", "good", "come_back"), found("keyring", "good", "works"), found("server", "good", "direct", "api-sec-vlc.hotmart.com"),
  found("clock", "good", "right"), found("clipboard", "good", "whole"), found("tray", "good", "there"),
  found("version", "good", "is", "Hotmart Connect 0.1.0 · Debian 12 · WebView 2.48"),
];
const bad = [
  found("links", "bad", "do_not_come_back", null, "links"), found("keyring", "bad", "locked", null, "keyring"),
  found("server", "bad", "unknown_issuer", "api-sec-vlc.hotmart.com", "network"), found("clock", "bad", "behind", "7260", "clock"),
  found("clipboard", "note", "through_x11"), found("tray", "note", "none"), good[6],
];
const connected = { state: { name: "connected", session }, check: { possible: true, running: false, last: works } };
const developer = { ...connected, account: { ...account, grantType: "client_credentials" } };
const retrying = { name: "retrying", nextAt: NOW + 40, error: "network", server: null, answerMayBeLost: false, reconnectingMayHelp: false };
const failed = (error, tryingAgainHelps, server = null) => ({ name: "failed", error, tryingAgainHelps, waitUntil: null, server });
const key = { id: "a1", name: "Excel", account: "main", mayWrite: false, fromContainers: false, createdAt: NOW - 86400, lastUsedAt: NOW - 300, callsOfADay: 1240 };
const manyLines = [
  line, { id: "shop", name: "Curso de Violão", environment: "hotmart-authentication", state: "expired", isDefault: false },
  { id: "practice", name: null, environment: "practice", state: "disconnected", isDefault: false },
];

/** @type {Record<string, object & { open?: string[], paste?: string }>} what differs from `base`, what is clicked on, and what is pasted */
const STATES = {
  first_run: { account: null, accounts: [], hasOwnAccount: false, state: { name: "unconfigured", missing: "credentials" } },
  first_run_more: { account: null, accounts: [], hasOwnAccount: false, state: { name: "unconfigured", missing: "credentials" }, open: ["more-title"] },
  first_run_understood: { account: null, accounts: [], hasOwnAccount: false, state: { name: "unconfigured", missing: "credentials" }, paste: "seller-app-7f3d:canary-secret-5b1e0c9a7d42" },
  first_run_wrong: { account: null, accounts: [], hasOwnAccount: false, state: { name: "unconfigured", missing: "credentials" }, paste: "ana@exemplo.com" },
  secret_missing: { state: { name: "unconfigured", missing: "client_secret" } },
  settings_broken: { account: null, accounts: [], settingsProblem: "broken", state: { name: "unconfigured", missing: "credentials" } },
  loading: { state: { name: "loading" } },
  disconnected: {},
  disconnected_credentials: { account: { ...account, grantType: "client_credentials" } },
  awaiting_opening: { state: { ...waiting, browser: "opening" } },
  awaiting_opened: { state: waiting },
  awaiting_did_not_open: { state: { ...waiting, browser: "did_not_open" }, links: "do_not_come_back" },
  awaiting_late: { state: { ...waiting, since: NOW - 90 } },
  awaiting_paste: { state: { ...waiting, returnPath: "paste", secondPath: false }, notice: { code: "link_copied" } },
  other_seller: { state: { name: "other_seller", known: "Ana Souza (ana@exemplo.com)", found: "Bia Lima (bia@exemplo.com)", stillConnected: true } },
  exchanging: { state: { name: "exchanging", canCancel: true, byBrowser: true } },
  connected,
  connected_just_now: { ...connected, notice: { code: "came_back", path: "link" } },
  connected_more: { ...connected, open: ["more-title"] },
  connected_practice: { ...connected, account: { ...account, environment: "practice", name: null }, hasOwnAccount: false },
  connected_copied: { ...connected, clipboardClearsAt: NOW + 45, open: ["more-title", "formats-title"] },
  connected_two_horizons: { ...connected, state: { name: "connected", session: { ...session, reconnectBy: NOW + 1555200 } }, open: ["more-title", "details-title", "refresh-token-title"] },
  connected_details: { ...connected, open: ["more-title", "details-title"] },
  connected_leaving: { ...connected, open: ["more-title", "disconnect"] },
  connected_ends: { state: { name: "connected", session: { ...session, renewable: false, hasRefreshToken: false, reconnectBy: NOW + 6300, storage: "memory" } } },
  connected_wrong_environment: { ...connected, check: { possible: true, running: false, last: { at: NOW - 60, verdict: "belongs_to_sandbox" } } },
  use_computer: { ...connected, open: ["use-computer"] },
  use_computer_keys: { ...connected, localKeys: [key, { ...key, id: "b2", name: "Relatório do contador", mayWrite: true, lastUsedAt: null, callsOfADay: 0 }], door: "taken", preferences: { ...base.preferences, keepInTray: false }, open: ["use-computer"] },
  use_computer_revoking: { ...connected, localKeys: [key], door: "open", open: ["use-computer", "revoke-a1"] },
  use_n8n: { ...developer, open: ["use-n8n"] },
  use_n8n_copied: { ...developer, clipboardClearsAt: NOW + 45, open: ["use-n8n"] },
  use_sheets: { ...developer, open: ["use-sheets"] },
  use_postman: { ...developer, open: ["use-postman"] },
  use_mcp: { ...developer, open: ["use-mcp"] },
  use_make_token: { ...connected, open: ["use-make"] },
  use_excel: { ...connected, open: ["use-excel"] },
  use_terminal: { ...connected, open: ["use-terminal"] },
  use_other: { ...connected, open: ["use-other"] },
  refreshing: { ...connected, state: { name: "refreshing", session } },
  retrying: { ...connected, state: { ...retrying, session } },
  retrying_lost: { ...connected, state: { ...retrying, session, error: "server_slow", answerMayBeLost: true, reconnectingMayHelp: true } },
  retrying_spent: { ...connected, state: { ...retrying, session: { ...session, expiresAt: NOW - 60 }, error: "server_unavailable", server: words } },
  denied: { state: { name: "denied" } },
  expired_refused: { state: { name: "expired", reason: "refused", server: words } },
  expired_answer_lost: { state: { name: "expired", reason: "answer_lost", since: NOW - 7200 } },
  expired_ended: { state: { name: "expired", reason: "nothing_to_renew_with" } },
  keyring_locked: { state: { name: "keyring_locked", unlocking: false, stopped } },
  keyring_missing: { state: { name: "keyring_missing", problem: "missing", stopped } },
  keyring_unresponsive: { state: { name: "keyring_missing", problem: "unresponsive", stopped: { ...stopped, tokensWaiting: true } } },
  keyring_failed: { state: { name: "keyring_missing", problem: "failed", stopped: { ...stopped, removing: true } } },
  failed_network: { state: failed("network", true) },
  failed_secret: { state: failed("secret_refused", false, { code: "invalid_client", description: null }) },
  failed_proxy: { state: failed("unknown_issuer", true), proxy: "proxy.loja.example:3128" },
  disconnecting: { state: { name: "disconnecting" } },
  forgetting: { state: { name: "forgetting" } },
  removed: { removed: { id: "old", name: "Loja antiga", outcome: { code: "revoked" } } },
  accounts: { ...connected, accounts: manyLines, open: ["accounts", "options-main-title"] },
  new_account: { ...connected, open: ["accounts", "add-account"] },
  form: { ...connected, open: ["accounts", "add-account", "more-title", "fill-in"] },
  settings: { ...connected, open: ["settings"] },
  update_available: { ...connected, update: { name: "available", version: "1.1.0", installs: true, read: false } },
  update_page: { ...connected, update: { name: "available", version: "1.1.0", installs: false, read: true }, open: ["settings"] },
  update_downloading: { ...connected, update: { name: "downloading", version: "1.1.0", percent: 45 } },
  update_waiting: { state: waiting, update: { name: "waiting", version: "1.1.0", reason: "login" } },
  update_failed: { ...connected, update: { name: "failed", version: "1.1.0", problem: "untrusted" } },
  forget_everything: { ...connected, open: ["settings", "remove-_everything"] },
  computer_good: { ...connected, checkup: { running: false, findings: good, report: "/home/ana/Downloads/hotmart-connect-1795550400.txt", copied: false }, open: ["settings"] },
  computer_bad: { ...connected, checkup: { running: false, findings: bad, report: null, copied: false }, preferences: { ...base.preferences, keepInTray: false, trayIsThere: false }, open: ["settings"] },
};

/** Longer than any language is likely to be, and still readable. */
const stretched = (text) =>
  text.replace(/\{\w+\}|[^{}]+/g, (part) => (part.startsWith("{") ? part : part.replace(/\p{L}{2,}/gu, (word) => word + "~".repeat(Math.ceil(word.length * 0.4)))));

// What is looked at is a screen that has come in.
const still = new CSSStyleSheet();
still.replaceSync("* { animation: none !important; transition: none !important; }");
document.adoptedStyleSheets = [still];

// The page's own clock would count on from another moment.
for (let timer = 1; timer < 1000; timer++) clearInterval(timer);

/** Waits for what the program answers. */
const heard = async (/** @type {() => unknown} */ answer) => {
  while (!answer()) await new Promise((later) => setTimeout(later, 10));
};

/**
 * Draws a state. Whatever the real program says meanwhile is overwritten.
 * @param {string} name
 * @param {string} language
 * @param {boolean} [longer] in texts that are 40 % longer
 */
window.drawState = async (name, language, longer = false) => {
  const [view, { Translations }] = await Promise.all([import("./view.js"), import("./i18n.js")]);
  const { open = [], paste, ...difference } = STATES[name];
  const spoken = new Translations(language);
  if (longer) spoken.texts = Object.fromEntries(Object.entries(spoken.texts).map(([key, text]) => [key, stretched(text)]));
  const message = { ...base, language, ...difference };
  // Whatever was open in the window alone is closed by drawing another account.
  view.draw({ ...base, language, account: null, accounts: [], state: { name: "loading" } }, spoken, NOW);
  for (const id of ["settings", "accounts"]) if (document.getElementById(id)?.getAttribute("aria-expanded") === "true") document.getElementById(id).click();
  view.draw(message, spoken, NOW);
  for (const id of open) document.getElementById(id)?.click();
  view.draw(message, spoken, NOW);
  const field = document.getElementById("pasted");
  if (field) {
    field.value = paste ?? "";
    field.dispatchEvent(new Event("input"));
    if (paste) await heard(() => document.getElementById("understood").textContent);
  }
  window.scrollTo(0, 0);
  document.activeElement?.blur?.();
  await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
};
/**
 * The same window's next moment, as when the program tells it.
 * @param {string} name
 */
window.nextMoment = async (name) => {
  const [view, { Translations }] = await Promise.all([import("./view.js"), import("./i18n.js")]);
  const { open: _, ...difference } = STATES[name];
  view.draw({ ...base, ...difference }, new Translations("pt-BR"), NOW);
  await new Promise((said) => setTimeout(said, 50));
};
/**
 * Counts down to a moment, as the page does each second.
 * @param {number} seconds from the moment that is drawn
 */
window.countTo = async (seconds) => (await import("./view.js")).tick(NOW + seconds);
window.stateNames = Object.keys(STATES);

/** What does not fit: wider than the window, or cut off. */
window.whatIsCut = () => {
  const problems = [];
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth > width + 1) problems.push(`the page is ${document.documentElement.scrollWidth} wide, the window ${width}`);
  const pen = document.createElement("canvas").getContext("2d");
  for (const node of document.querySelectorAll("body *")) {
    if (node.closest(".visually-hidden, [aria-hidden=true], svg") || !node.checkVisibility()) continue;
    const box = node.getBoundingClientRect();
    const name = `${node.tagName}#${node.id}.${node.className} “${(node.textContent ?? "").slice(0, 40)}”`;
    if (box.width && (box.right > width + 1 || box.left < -1)) problems.push(`outside: ${name}`);
    const style = getComputedStyle(node);
    if (node.tagName === "SELECT") {
      pen.font = style.font;
      const longest = Math.max(...[...node.options].filter((option) => option.selected).map((option) => pen.measureText(option.text).width));
      const room = node.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
      if (longest > room + 1) problems.push(`cut: ${name}`);
    } else if (!["INPUT", "TEXTAREA"].includes(node.tagName) && style.overflow !== "visible" && (node.scrollWidth > node.clientWidth + 1 || node.scrollHeight > node.clientHeight + 1)) {
      problems.push(`cut: ${name}`);
    }
  }
  return problems;
};
