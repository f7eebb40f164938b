// The only place that talks to the program: commands out, moments in.

/**
 * @typedef {{ expiresAt: number | null, obtainedAt: number, scope: string | null, seller: string | null, renewable: boolean, movable: boolean,
 *   reconnectBy: number | null, onlyInMemory: boolean }} Session
 * @typedef {"token" | "header" | "curl" | "env" | "powershell" | "json" | "n8n"} TokenFormat
 * @typedef {"links" | "keyring" | "clock" | "network"} Fix
 * @typedef {{ clipboardSeconds: number, keepInTray: boolean, trayIsThere: boolean, startAtLogin: boolean, notifications: boolean, zoom: number }} Preferences
 * @typedef {{ name: string, outcome: "good" | "note" | "bad", code: string, value: string | null, fix: Fix | null }} CheckupItem
 * @typedef {{ running: boolean, items: CheckupItem[], report: string | null, copied: boolean }} Checkup
 *
 * @typedef {{ tokensWaiting: boolean, canCancel: boolean, canKeepInMemory: boolean, removing: boolean }} Stopped
 *
 * @typedef {{ code: string, description: string | null }} ServerWords
 *
 * @typedef {{ name: "loading" | "disconnected" | "denied" | "disconnecting" | "forgetting" }
 *   | { name: "unconfigured", missing: "credentials" | "client_secret" | "usable_settings" }
 *   | { name: "exchanging", canCancel: boolean, byBrowser: boolean }
 *   | { name: "awaiting_browser", browser: "opening" | "opened" | "may_have_opened" | "did_not_open", expiresAt: number,
 *       since: number, way: "link" | "loopback" | "paste", otherWay: boolean }
 *   | { name: "other_seller", known: string, found: string, stillConnected: boolean }
 *   | { name: "connected" | "refreshing", session: Session }
 *   | { name: "retrying", session: Session, nextAt: number, error: string, server: ServerWords | null }
 *   | { name: "expired", reason: "refused" | "answer_lost" | "nothing_to_renew_with", since: number | null, server: ServerWords | null }
 *   | { name: "keyring_locked", unlocking: boolean, keyring: Stopped }
 *   | { name: "keyring_missing", problem: "missing" | "unresponsive" | "failed", keyring: Stopped }
 *   | { name: "failed", error: string, tryingAgainHelps: boolean, waitUntil: number | null, server: ServerWords | null }} State
 *
 * @typedef {{ authorize?: string, token: string, revoke?: string, issuer?: string, issuer_in_answer?: boolean, keys?: string, api?: string }} Endpoints
 * @typedef {"hotmart" | "hotmart-authentication" | "sandbox" | "practice" | "custom"} Environment
 * @typedef {"authorization_code" | "client_credentials"} GrantType
 * @typedef {{ id: string, name: string | null, environment: Environment, grantType: GrantType, clientId: string,
 *   clientAuthentication: string | null, isBuiltIn: boolean, hasClientSecret: boolean,
 *   endpoints: Endpoints | null, hasLoopback: boolean, requestedScope: string }} Account
 * @typedef {{ id: string, name: string | null, environment: Environment, state: State["name"], isDefault: boolean }} AccountLine
 * @typedef {{ at: number, verdict: string, who: string | null, milliseconds: number | null, callsLeft: number | null, waitUntil: number | null, error: string | null }} Checked
 *
 * @typedef {object} Message One moment, whole. Times are in seconds since the epoch.
 * @property {number} now
 * @property {string | null} language
 * @property {string[]} systemLanguages
 * @property {"unreadable" | "broken" | "from_the_future" | null} settingsProblem
 * @property {string} settingsFile
 * @property {boolean} hasOwnAccount
 * @property {boolean} hasBuiltIn
 * @property {string} redirectUri
 * @property {string} defaultRedirectUri
 * @property {string} loopbackRedirectUri
 * @property {"come_back" | "repaired" | "do_not_come_back"} links
 * @property {Account | null} account
 * @property {AccountLine[]} accounts
 * @property {string | null} nextDefault the account that tools would get if their default were removed
 * @property {{ id: string, name: string | null, outcome: string } | null} removed
 * @property {State} state
 * @property {{ code: string, error: string | null } | null} notice
 * @property {number | null} clipboardClearsAt
 * @property {Preferences} preferences
 * @property {Checkup | null} checkup
 * @property {string | null} proxy host and port
 * @property {{ possible: boolean, running: boolean, last: Checked | null }} check
 *
 * @typedef {{ id: string | null, name: string | null, environment: Environment, grantType: GrantType, clientId: string, clientSecret: string | null,
 *   endpoints: Endpoints | null, clientAuthentication: string | null, scope: string | null, loopback: boolean }} AccountForm
 */

/** @type {{ core: { invoke: (command: string, args?: object) => Promise<unknown>, Channel: new () => { onmessage: (message: any) => void } } }} */
const tauri = /** @type {any} */ (window).__TAURI__;

/**
 * Hears the present moment, then every change.
 * @param {(message: Message) => void} listener
 */
export async function watch(listener) {
  const channel = new tauri.core.Channel();
  channel.onmessage = listener;
  await tauri.core.invoke("watch", { channel });
}

/**
 * Calls a command that takes no arguments.
 * @param {"connect" | "connect_as_another" | "other_way" | "extend" | "replace_seller" | "keep_seller" | "open_browser" | "copy_link" | "paste_address" | "cancel" | "refresh" | "copy_refresh_token" | "check" | "drawn" | "check_computer" | "save_report" | "copy_report" | "close_checkup" | "open_logs" | "dismiss_removed"
 *   | "disconnect" | "unlock_keyring" | "keep_in_memory" | "dismiss_notice" | "use_practice" | "use_built_in" | "use_own_account"} command
 */
export async function call(command) {
  await tauri.core.invoke(command);
}

/**
 * Saves the seller's credentials. Rejects with a code if it did nothing.
 * @param {AccountForm} form
 */
export async function saveAccount(form) {
  await tauri.core.invoke("save_account", { form });
}

/** @param {string} id */
export async function showAccount(id) {
  await tauri.core.invoke("show_account", { id });
}

/**
 * @param {string} id
 * @param {string} name
 */
export async function renameAccount(id, name) {
  await tauri.core.invoke("rename_account", { id, name });
}

/**
 * @param {string} id
 * @param {number} place counted from zero
 */
export async function moveAccount(id, place) {
  await tauri.core.invoke("move_account", { id, place });
}

/** @param {string} id */
export async function makeDefault(id) {
  await tauri.core.invoke("make_default", { id });
}

/** @param {string} id */
export async function removeAccount(id) {
  await tauri.core.invoke("remove_account", { id });
}

/**
 * Takes the accounts of another machine's settings file over. Tells how many,
 * or which servers are to be confirmed first.
 * @param {string} text
 * @param {boolean} confirmed
 */
export async function importAccounts(text, confirmed) {
  return /** @type {{ count: number, servers: string[] }} */ (await tauri.core.invoke("import_accounts", { text, confirmed }));
}

/**
 * What a server says of itself.
 * @param {string} issuer
 */
export async function discover(issuer) {
  return /** @type {{ endpoints: Endpoints, clientAuthentication: string, scope: string }} */ (await tauri.core.invoke("discover", { issuer }));
}

/**
 * Makes a choice for the program as a whole.
 * @param {string} name
 * @param {string | number | boolean} value
 */
export async function choose(name, value) {
  await tauri.core.invoke("choose", { preference: { name, value } });
}

/**
 * Copies the token in one of its forms.
 * @param {TokenFormat} form
 */
export async function copyToken(form) {
  await tauri.core.invoke("copy_token", { form });
}

/**
 * Puts something on this computer right.
 * @param {Fix} what
 */
export async function fix(what) {
  await tauri.core.invoke("fix", { what });
}
