// The only place that talks to the program: commands out, moments in. What
// crosses is typed in types.d.ts, which is generated from the program's own types.

/** @typedef {import("./types.js").Message} Message */
/** @typedef {import("./types.js").Request} Request */

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
 * Asks something of an account's connection: of the one that was drawn, or of none.
 * @param {string} account
 * @param {Request} request
 */
export async function request(account, request) {
  await tauri.core.invoke("request", { account, request });
}

/**
 * Makes a local key and copies it, or revokes one. Rejects with a code if it did nothing.
 * @param {import("./types.js").LocalKeyRequest} request
 */
export async function localKey(request) {
  await tauri.core.invoke("local_key", { request });
}

/** The first moment is drawn: what is clicked on from now on does something. */
export async function drawn() {
  await tauri.core.invoke("drawn");
}

/**
 * Saves the seller's credentials. Rejects with a code if it did nothing.
 * @param {import("./types.js").AccountForm} form
 */
export async function saveAccount(form) {
  await tauri.core.invoke("save_account", { form });
}

/**
 * Shows an account that needs no form filled in.
 * @param {import("./types.js").KnownAccount} which
 */
export async function addAccount(which) {
  await tauri.core.invoke("add_account", { which });
}

/**
 * Changes an account's place in the list.
 * @param {string} account
 * @param {import("./types.js").AccountChange} change
 */
export async function changeAccount(account, change) {
  await tauri.core.invoke("change_account", { account, change });
}

/**
 * Takes the accounts of another machine's settings file over. Tells how many,
 * or which servers are to be confirmed first.
 * @param {string} text
 * @param {boolean} confirmed
 */
export async function importAccounts(text, confirmed) {
  return /** @type {import("./types.js").ImportResult} */ (await tauri.core.invoke("import_accounts", { text, confirmed }));
}

/**
 * What a server says of itself.
 * @param {string} issuer
 */
export async function discover(issuer) {
  return /** @type {import("./types.js").Discovery} */ (await tauri.core.invoke("discover", { issuer }));
}

/**
 * Makes a choice for the program as a whole.
 * @param {import("./types.js").Preference} preference
 */
export async function choose(preference) {
  await tauri.core.invoke("choose", { preference });
}

/**
 * Looks at this computer, puts something on it right, opens what belongs to it, or reports what was found.
 * @param {import("./types.js").ComputerTask} task
 */
export async function computer(task) {
  await tauri.core.invoke("computer", { task });
}

/**
 * What the program understands of something that was pasted.
 * @param {string} text
 */
export async function readPasted(text) {
  return /** @type {import("./types.js").Reading} */ (await tauri.core.invoke("read_pasted", { text }));
}

/**
 * News were read.
 * @param {import("./types.js").News} news
 */
export async function dismiss(news) {
  await tauri.core.invoke("dismiss", { news });
}

/**
 * Looks for a newer version, puts it in this one's place, or opens the page where it is.
 * @param {import("./types.js").UpdateRequest} request
 */
export async function update(request) {
  await tauri.core.invoke("update", { request });
}

/** Ends the program, and leaves nothing of it on this computer. */
export async function forgetEverything() {
  await tauri.core.invoke("forget_everything");
}
