// The only place that talks to the program: commands out, moments in.

/**
 * @typedef {{ expiresAt: number | null, obtainedAt: number, scope: string | null, seller: string | null, renewable: boolean, onlyInMemory: boolean }} Session
 *
 * @typedef {{ tokensWaiting: boolean, canCancel: boolean, canKeepInMemory: boolean }} Stopped
 *
 * @typedef {{ name: "loading" | "disconnected" | "denied" | "disconnecting" }
 *   | { name: "unconfigured", missing: "credentials" | "client_secret" | "usable_settings" }
 *   | { name: "exchanging", canCancel: boolean }
 *   | { name: "awaiting_browser", browser: "opening" | "opened" | "may_have_opened" | "did_not_open", expiresAt: number,
 *       since: number, way: "link" | "loopback" | "paste", otherWay: boolean }
 *   | { name: "other_seller", known: string, found: string, stillConnected: boolean }
 *   | { name: "connected" | "refreshing", session: Session }
 *   | { name: "retrying", session: Session, nextAt: number, error: string }
 *   | { name: "expired", reason: "refused" | "answer_lost" | "nothing_to_renew_with", since: number | null, serverCode: string | null }
 *   | { name: "keyring_locked", unlocking: boolean, keyring: Stopped }
 *   | { name: "keyring_missing", problem: "missing" | "unresponsive" | "failed", keyring: Stopped }
 *   | { name: "failed", error: string, tryingAgainHelps: boolean, serverCode: string | null }} State
 *
 * @typedef {{ authorize: string, token: string, revoke?: string, issuer?: string, api?: string }} Endpoints
 * @typedef {"hotmart" | "hotmart-authentication" | "practice" | "custom"} Environment
 * @typedef {{ id: string, environment: Environment, clientId: string, hasClientSecret: boolean,
 *   endpoints: Endpoints | null, hasLoopback: boolean, requestedScope: string }} Account
 *
 * @typedef {object} Message One moment, whole. Times are in seconds since the epoch.
 * @property {number} now
 * @property {string | null} language
 * @property {string[]} systemLanguages
 * @property {"unreadable" | "broken" | "from_the_future" | null} settingsProblem
 * @property {string} settingsFile
 * @property {boolean} hasOwnAccount
 * @property {string} redirectUri
 * @property {string} loopbackRedirectUri
 * @property {"come_back" | "repaired" | "do_not_come_back"} links
 * @property {Account | null} account
 * @property {State} state
 * @property {{ code: string, error: string | null } | null} notice
 * @property {number | null} clipboardClearsAt
 *
 * @typedef {{ environment: Environment, clientId: string, clientSecret: string | null, endpoints: Endpoints | null, loopback: boolean }} AccountForm
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
 * @param {"connect" | "connect_as_another" | "other_way" | "extend" | "replace_seller" | "keep_seller" | "open_browser" | "copy_link" | "paste_address" | "cancel" | "refresh" | "copy_token"
 *   | "disconnect" | "unlock_keyring" | "keep_in_memory" | "dismiss_notice" | "use_practice" | "use_own_account"} command
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

/** @param {string} language */
export async function setLanguage(language) {
  await tauri.core.invoke("set_language", { language });
}
