/** Rows that live in the store and cross rooms: events, principals, ledger. Times are ms UTC. */

export type EventSeverity = 'info' | 'warning' | 'alarm' | 'critical';
export type EventState = 'raised' | 'cleared' | 'once';

/** Something that happened, with a code. `path` is the device or point it belongs to. */
export interface NewEvent {
  readonly t: number;
  readonly path: string;
  readonly code: string;
  readonly severity: EventSeverity;
  readonly state: EventState;
  readonly text: string;
  readonly data?: unknown;
  /** Not kept again where there is one of this time, path, code and data: of a log that may be read twice. */
  readonly unique?: boolean;
}

export interface EventRecord extends NewEvent {
  /** Rises with commit order; never reused within an epoch. */
  readonly id: number;
  /** Names of its files, those that were deleted since included. */
  readonly files: readonly string[];
}

export type PrincipalKind = 'user' | 'token' | 'extension' | 'link' | 'local';

/** What is kept of a password: scrypt (RFC 7914) with the parameters it was made with; `salt` and `hash` in base64. */
export interface PasswordHash {
  readonly n: number;
  readonly r: number;
  readonly p: number;
  readonly salt: string;
  readonly hash: string;
}

/** Who may ask. A token's `{party}` is its name; `alias` replaces the site id in its topics. */
export interface PrincipalRecord {
  readonly name: string;
  readonly kind: PrincipalKind;
  readonly role: string;
  readonly alias?: string;
  readonly created: number;
  /** ms UTC, absent = never. */
  readonly expires?: number;
  /** SHA-256 of the token, hex; only for tokens. The token itself is nowhere kept. */
  readonly tokenHash?: string;
  /** Only for users. The password itself is nowhere kept. */
  readonly password?: PasswordHash;
}

/** `file`: files of events that came or went; `profile`: where the chains of load profiles end. */
export const LEDGER_KINDS = ['login', 'denial', 'grant', 'disclosure', 'command', 'file', 'profile', 'system'] as const;
export type LedgerKind = (typeof LEDGER_KINDS)[number];

/** What the house writes into the ledger; chained and numbered by the store. */
export interface NewLedgerEntry {
  readonly t: number;
  readonly kind: LedgerKind;
  readonly principal: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface LedgerEntry extends NewLedgerEntry {
  readonly seq: number;
  /** SHA-256 over the previous hash and the canonical entry, hex. */
  readonly hash: string;
}

/** Where rooms put ledger entries; kept in order, committed at once. */
export interface LedgerSink {
  append(entry: NewLedgerEntry): void;
}
