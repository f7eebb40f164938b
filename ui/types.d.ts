// What crosses between the program and the window. Generated from the program's own types:
// `make types` writes it, and a test holds it against them. Times are in seconds since the epoch.

export type Account = { id: AccountId, name: string | null, environment: Environment, grantType: GrantType, clientId: string, clientAuthentication: string | null, isBuiltIn: boolean, hasClientSecret: boolean, endpoints: Endpoints | null, hasLoopback: boolean, requestedScope: string, 
/**
 * The API's base URL, without a slash at its end; empty if there is none, or none is known yet.
 */
apiBase: string, };

export type AccountChange = { "name": "show" } | { "name": "rename", 
/**
 * The name; empty for none.
 */
to: string, } | { "name": "move", 
/**
 * The place, counted from zero.
 */
to: number, } | { "name": "make_default" } | { "name": "remove" };

export type AccountForm = { 
/**
 * The account that is changed; a new one if there is none.
 */
id: AccountId | null, 
/**
 * Whether the loopback redirect URI is registered as well.
 */
loopback: boolean, 
/**
 * What the account is to be called, if anything.
 */
name: string | null, 
/**
 * Where the account lives.
 */
environment: Environment, 
/**
 * Which kind of credentials they are.
 */
grantType: GrantType, 
/**
 * The public id, or Hotmart's Basic string, which holds both.
 */
clientId: string, 
/**
 * The secret, if one was typed.
 */
clientSecret: string | null, 
/**
 * For [`Environment::Custom`] only.
 */
endpoints: Endpoints | null, 
/**
 * How a custom server wants the secret, if that is known.
 */
clientAuthentication: string | null, 
/**
 * The scope to ask for; empty for the environment's own, absent to leave it as it is.
 */
scope: string | null, };

export type AccountId = string;

export type AccountLine = { id: AccountId, name: string | null, environment: Environment, state: View["name"], isDefault: boolean, };

export type BrowserProgress = "opening" | "opening" | "opened" | "may_have_opened" | "did_not_open";

export type Check = { possible: boolean, running: boolean, last: LastCheck | null, };

export type Checkup = { 
/**
 * Whether it is still being looked at.
 */
running: boolean, 
/**
 * What was found.
 */
findings: Array<Finding>, 
/**
 * The report, where it was saved.
 */
report: string | null, 
/**
 * Whether the report was copied.
 */
copied: boolean, };

export type CommandError = "configuration" | "client_id" | "pasted_unusable" | "credential_unknown" | "hotmart_unreachable" | "which_environment" | "settings_not_saved" | "start_at_login" | "report" | "not_opened" | "nothing_forgotten" | "no_randomness" | "key_name" | "keys_not_saved" | "key_not_copied" | "import_unusable" | "discovery_unreachable" | "discovery_not_found" | "discovery_unusable";

export type ComputerTask = "check" | "links" | "keyring" | "clock" | "network" | "logs" | "credentials" | "save_report" | "copy_report";

export type CopyTarget = { "bearer": TokenFormat } | { "credential": CredentialField } | "refresh_token";

export type CredentialField = "client_id" | "client_secret" | "basic";

export type Discovery = { endpoints: Endpoints, clientAuthentication: string, scope: string, };

export type DoorState = "not_needed" | "open" | "taken" | "keys_unreadable";

export type Endpoints = { 
/**
 * Authorization endpoint, where the seller answers in a browser.
 */
authorize?: string | null, 
/**
 * Token endpoint.
 */
token: string, 
/**
 * Revocation endpoint, if there is one.
 */
revoke?: string | null, 
/**
 * Issuer, if the server sends `iss`.
 */
issuer?: string | null, 
/**
 * Whether the server always sends `iss` (RFC 9207).
 */
issuer_in_answer?: boolean, 
/**
 * Where the keys are that it signs id tokens with (`jwks_uri`).
 */
keys?: string | null, 
/**
 * The API's base URL.
 */
api?: string | null, };

export type Environment = "hotmart" | "hotmart-authentication" | "sandbox" | "practice" | "custom";

export type ErrorCode = "network" | "connection_broken" | "tls" | "unknown_issuer" | "proxy_unreachable" | "proxy_login" | "proxy_refused" | "server_slow" | "server_unavailable" | "unexpected_answer" | "client_refused" | "code_refused" | "secret_refused" | "application_refused" | "redirect_refused" | "scope_refused" | "grant_refused" | "too_many_requests" | "id_token_wrong" | "request_refused" | "waited_too_long" | "busy" | "clipboard" | "keyring_unavailable" | "lock_unavailable" | "loopback_taken" | "internal";

export type Finding = { 
/**
 * Which.
 */
name: string, 
/**
 * How it was found.
 */
severity: Severity, 
/**
 * What was found, as a code; the sentences belong to the window.
 */
code: string, 
/**
 * A value for the sentence: seconds, a host, a version.
 */
value: string | null, 
/**
 * What puts it right.
 */
fix: Fix | null, };

export type Fix = "links" | "keyring" | "clock" | "network";

export type GrantType = "authorization_code" | "client_credentials";

export type HoldsBack = "login" | "under_way" | "unsaved_tokens";

export type Identity = string;

export type ImportResult = { 
/**
 * How many accounts.
 */
count: number, 
/**
 * Servers that are not in the table, at which some of them would live:
 * nothing was brought before the user says that they are right.
 */
servers: Array<string>, };

export type KeyringProblem = "locked" | "missing" | "unresponsive" | "failed";

export type KnownAccount = "practice" | "built_in" | "own" | { "pasted": { 
/**
 * What was pasted.
 */
text: string, 
/**
 * Where it lives, once the seller was asked.
 */
environment: Environment | null, } };

export type LastCheck = { 
/**
 * When.
 */
at: Timestamp, } & ({ "verdict": "works", 
/**
 * Who is connected, if the server or the API says.
 */
who: Identity | null, 
/**
 * How long the API took.
 */
milliseconds: number, 
/**
 * How many more calls it allows now, if it says so.
 */
callsLeft: number | null, } | { "verdict": "refused" } | { "verdict": "not_permitted", 
/**
 * Who is connected, if the server or the API says.
 */
who: Identity | null, } | { "verdict": "belongs_to_sandbox" } | { "verdict": "belongs_to_production" } | { "verdict": "blocked" } | { "verdict": "too_many_requests", 
/**
 * Until when the API asks to be left alone, if it says so.
 */
waitUntil: Timestamp | null, } | { "verdict": "down" } | { "verdict": "not_renewed", 
/**
 * Why.
 */
error: ErrorCode, } | { "verdict": "slow" } | { "verdict": "tls" } | { "verdict": "unknown_issuer" } | { "verdict": "proxy" } | { "verdict": "unreachable" } | { "verdict": "not_the_api" });

export type Links = "come_back" | "repaired" | "do_not_come_back";

export type ListedKey = { 
/**
 * What it is called where it is revoked.
 */
id: string, 
/**
 * The tool that has it.
 */
name: string, 
/**
 * The account it opens.
 */
account: AccountId, 
/**
 * Whether it may change anything, or only read.
 */
mayWrite: boolean, 
/**
 * Whether programs in containers may use it.
 */
fromContainers: boolean, 
/**
 * When it was made.
 */
createdAt: Timestamp, 
/**
 * When it was used last, if it was.
 */
lastUsedAt: Timestamp | null, 
/**
 * How often it was used in the last 24 hours.
 */
callsOfADay: number, };

export type LocalKeyRequest = { "name": "create", 
/**
 * The account that it opens.
 */
account: AccountId, 
/**
 * The tool that gets it.
 */
tool: string, 
/**
 * Whether it may change anything, or only read.
 */
mayWrite: boolean, 
/**
 * Whether programs in containers may use it.
 */
fromContainers: boolean, } | { "name": "revoke", 
/**
 * Which one.
 */
id: string, };

export type Message = { 
/**
 * The program's time in seconds since the epoch, corrected by the server's.
 */
now: Timestamp, 
/**
 * The language the seller chose, if any.
 */
language: string | null, 
/**
 * The system's languages, best first.
 */
systemLanguages: Array<string>, 
/**
 * Why the settings file could not be used, if so.
 */
settingsProblem: SettingsProblem | null, 
/**
 * Where the settings file is.
 */
settingsFile: string, 
/**
 * Whether the seller's own credentials are set up, shown or not.
 */
hasOwnAccount: boolean, 
/**
 * Whether this build brings an application along.
 */
hasBuiltIn: boolean, 
/**
 * The redirect URI to register.
 */
redirectUri: string, 
/**
 * The one to register for a new account.
 */
defaultRedirectUri: string, 
/**
 * The one to register besides, for a new account.
 */
defaultLoopbackRedirectUri: string, 
/**
 * The one to register besides, for the second path back.
 */
loopbackRedirectUri: string, 
/**
 * Whether links come back.
 */
links: Links, 
/**
 * The account that is shown, if there is one.
 */
account: Account | null, 
/**
 * All accounts, in the seller's order.
 */
accounts: Array<AccountLine>, 
/**
 * The account that programs would get if their default were removed.
 */
nextDefault: AccountId | null, 
/**
 * The account that was removed last, until that was read.
 */
removed: Removed | null, 
/**
 * The state of the account that is shown.
 */
state: View, 
/**
 * A line besides.
 */
notice: Notice | null, 
/**
 * When the copied token is wiped from the clipboard.
 */
clipboardClearsAt: Timestamp | null, 
/**
 * What was chosen for the program as a whole.
 */
preferences: Preferences, 
/**
 * What the last look at this computer found.
 */
checkup: Checkup | null, 
/**
 * The local keys of the account that is shown.
 */
localKeys: Array<ListedKey>, 
/**
 * How the door stands that they open.
 */
door: DoorState, 
/**
 * What tools call in the place of Hotmart's address.
 */
doorAddress: string, 
/**
 * The proxy on the way to the server, as host and port.
 */
proxy: string | null, 
/**
 * Whether the connection can be checked, is being checked, and what the last check found.
 */
check: Check, 
/**
 * This program's version.
 */
version: string, 
/**
 * How it stands beside the newest.
 */
update: UpdateStatus, };

export type Missing = "credentials" | "client_secret" | "usable_settings";

export type News = "removed" | "checkup" | "update";

export type Notice = { "code": "still_connected_after_denial" } | { "code": "still_connected_after_failure", 
/**
 * Why.
 */
error: ErrorCode, } | { "code": "came_back", 
/**
 * How.
 */
path: ReturnPath, } | { "code": "second_path_taken" } | { "code": "seller_kept" } | { "code": "link_copied" } | { "code": "nothing_to_paste" } | { "code": "copy_failed", 
/**
 * Why.
 */
error: ErrorCode, } | { "code": "token_spent" } | { "code": "revoked" } | { "code": "revocation_failed" } | { "code": "revocation_not_offered" } | { "code": "nothing_to_revoke" };

export type Preference = { "name": "language", "value": string } | { "name": "clipboard_seconds", "value": number } | { "name": "keep_in_tray", "value": boolean } | { "name": "start_at_login", "value": boolean } | { "name": "notifications", "value": boolean } | { "name": "zoom", "value": number };

export type Preferences = { 
/**
 * How long a copied token stays in the clipboard, in seconds.
 */
clipboardSeconds: number, 
/**
 * Whether the program stays in the tray when its window is closed.
 */
keepInTray: boolean, 
/**
 * Whether this desktop has a tray, as far as is known.
 */
trayIsThere: boolean, 
/**
 * Whether it starts with the session.
 */
startAtLogin: boolean, 
/**
 * Whether the person is notified when they must act.
 */
notifications: boolean, 
/**
 * How large the window's content is drawn, in percent.
 */
zoom: number, };

export type Reading = { 
/**
 * Why there is no credential in it, as a code; `good` if there is one.
 */
code: string, 
/**
 * The last characters of the client id, by which the seller knows it again.
 */
clientIdEnd: string, };

export type Removed = { 
/**
 * Its id.
 */
id: AccountId, 
/**
 * What it was called, if its owner named it.
 */
name: string | null, 
/**
 * What became of its tokens; none if it could not be taken out of the settings.
 */
outcome: Notice | null, };

export type Request = { "name": "connect" } | { "name": "connect_as_another" } | { "name": "open_second_path" } | { "name": "extend" } | { "name": "replace_seller" } | { "name": "keep_seller" } | { "name": "open_browser" } | { "name": "copy_link" } | { "name": "paste" } | { "name": "cancel" } | { "name": "refresh" } | { "name": "copy", 
/**
 * Which one, in which format.
 */
target: CopyTarget, } | { "name": "disconnect" } | { "name": "check" } | { "name": "unlock" } | { "name": "keep_in_memory" } | { "name": "dismiss_notice" };

export type ReturnPath = "link" | "loopback" | "paste";

export type ServerError = { code: string, description: string | null, };

export type Session = { 
/**
 * When the token for the API ends, if the server said.
 */
expiresAt: Timestamp | null, 
/**
 * When the tokens arrived.
 */
obtainedAt: Timestamp, 
/**
 * The granted scope, if the server named it.
 */
scope: string | null, 
/**
 * Who is connected, if the server said.
 */
seller: Identity | null, 
/**
 * Whether new tokens can be had without the seller in the browser.
 */
renewable: boolean, 
/**
 * Whether there is a refresh token.
 */
hasRefreshToken: boolean, 
/**
 * Until when the seller must have connected again, if that is known.
 */
reconnectBy: Timestamp | null, 
/**
 * Where the tokens are.
 */
storage: TokenStorage, };

export type SettingsProblem = "unreadable" | "broken" | "from_the_future";

export type Severity = "good" | "note" | "bad";

export type Stopped = { 
/**
 * Whether tokens are waiting to be stored.
 */
tokensWaiting: boolean, 
/**
 * Whether it is a login or a removal that was stopped, and can be given up.
 */
canCancel: boolean, 
/**
 * Whether going on in memory would help.
 */
canKeepInMemory: boolean, 
/**
 * Whether it is the account's removal that was stopped.
 */
removing: boolean, };

export type Timestamp = number;

export type TokenFormat = "token" | "header" | "header_value" | "curl" | "curl_configuration" | "env" | "powershell" | "json" | "n8n";

export type TokenStorage = "keyring" | "memory";

export type UpdateProblem = "interrupted" | "untrusted" | "not_installed";

export type UpdateRequest = "look" | "install" | "cancel" | "open_page";

export type UpdateStatus = { "name": "unknown" } | { "name": "looking" } | { "name": "newest" } | { "name": "look_failed" } | { "name": "available", 
/**
 * Which.
 */
version: string, 
/**
 * Whether the program can put it in its own place. Otherwise there is the page.
 */
installs: boolean, 
/**
 * Whether the user knows of it.
 */
read: boolean, } | { "name": "downloading", 
/**
 * Which.
 */
version: string, 
/**
 * How much of it is here, in percent, if its size is known.
 */
percent: number | null, } | { "name": "waiting", 
/**
 * Which.
 */
version: string, 
/**
 * For what.
 */
reason: HoldsBack, } | { "name": "installing", 
/**
 * Which.
 */
version: string, } | { "name": "failed", 
/**
 * Which.
 */
version: string, 
/**
 * Why.
 */
problem: UpdateProblem, };

export type View = { "name": "loading" } | { "name": "unconfigured", 
/**
 * What.
 */
missing: Missing, } | { "name": "disconnected" } | { "name": "awaiting_browser", 
/**
 * Whether the browser came up.
 */
browser: BrowserProgress, 
/**
 * When the wait ends.
 */
expiresAt: Timestamp, 
/**
 * When it began.
 */
since: Timestamp, 
/**
 * How the answer to the newest request comes back.
 */
returnPath: ReturnPath, 
/**
 * Whether a second request could come back on another path.
 */
secondPath: boolean, } | { "name": "other_seller", 
/**
 * Whose connection there was.
 */
known: Identity, 
/**
 * Who logged in now.
 */
found: Identity, 
/**
 * Whether the one before is still connected.
 */
stillConnected: boolean, } | { "name": "exchanging", 
/**
 * Whether it can still be cancelled: not once there are tokens.
 */
canCancel: boolean, 
/**
 * Whether the seller said yes in a browser before.
 */
byBrowser: boolean, } | { "name": "connected", 
/**
 * The session.
 */
session: Session, } | { "name": "refreshing", 
/**
 * The session, as it still is.
 */
session: Session, } | { "name": "retrying", 
/**
 * The session, as it still is.
 */
session: Session, 
/**
 * When the next try is.
 */
nextAt: Timestamp, 
/**
 * Why the last one failed.
 */
error: ErrorCode, 
/**
 * The server's own words, scrubbed.
 */
server: ServerError | null, 
/**
 * Whether the server may have replaced the tokens by ones that never
 * arrived: then the connection may be over.
 */
answerMayBeLost: boolean, 
/**
 * Whether connecting again may end it sooner.
 */
reconnectingMayHelp: boolean, } | { "name": "denied" } | { "name": "expired", } & ({ "reason": "refused", 
/**
 * Its own words, scrubbed.
 */
server: ServerError, } | { "reason": "answer_lost", 
/**
 * When the answer that was lost had been asked for.
 */
since: Timestamp, } | { "reason": "nothing_to_renew_with" }) | { "name": "keyring_locked", 
/**
 * Whether the person is being asked to unlock it.
 */
unlocking: boolean, 
/**
 * What it stopped.
 */
stopped: Stopped, } | { "name": "keyring_missing", 
/**
 * Why: anything but locked.
 */
problem: KeyringProblem, 
/**
 * What it stopped.
 */
stopped: Stopped, } | { "name": "disconnecting" } | { "name": "forgetting" } | { "name": "forgetting", } | { "name": "failed", 
/**
 * What to say.
 */
error: ErrorCode, 
/**
 * Whether doing the same again may work.
 */
tryingAgainHelps: boolean, 
/**
 * The server's own words, scrubbed.
 */
server: ServerError | null, 
/**
 * Until when the server asked to be left alone.
 */
waitUntil: Timestamp | null, };
