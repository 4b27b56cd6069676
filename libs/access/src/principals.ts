import {
  isPrincipalName,
  nearest,
  SmxError,
  type Clock,
  type Disposable,
  type LedgerSink,
  type PrincipalRecord,
} from '@smx-edge/model';
import { hashPassword } from './password.js';
import type { Roles } from './role.js';
import { isToken, newToken, sameHash, tokenHash } from './token.js';

/** Where principals are kept. `putPrincipal` and `removePrincipal` resolve once durable. */
export interface PrincipalStore {
  principals(): readonly PrincipalRecord[];
  putPrincipal(record: PrincipalRecord): Promise<void>;
  removePrincipal(name: string): Promise<void>;
}

export interface PrincipalsOptions {
  readonly store: PrincipalStore;
  readonly clock: Clock;
  readonly ledger: LedgerSink;
  readonly roles: () => Roles;
  /** Names taken outside the store: links, instances. */
  readonly reserved: () => Iterable<string>;
}

export interface NewToken {
  readonly role: string;
  /** Default: the role's name. */
  readonly name?: string;
  /** Stands for the site id in the party's topics. */
  readonly alias?: string;
  /** ms UTC; absent = never. */
  readonly expires?: number;
}

/** A user of the page. */
export interface NewUser {
  readonly name: string;
  readonly role: string;
  readonly password: string;
}

export type PrincipalChange = 'added' | 'removed';

/** Names no party may take: the local command line and the box itself. */
const OWN_NAMES = ['local', 'core'];
/** Letters of a hash by which tokens are found; the whole is then compared in constant time. */
const INDEX = 8;
/** Wall-clock deadlines are looked at this often at least, so that a clock step is noticed, ms. */
const LOOK = 1000;

/** Users and tokens: who may ask. Only hashes of tokens are kept. */
export class Principals {
  private readonly records = new Map<string, PrincipalRecord>();
  private readonly byHash = new Map<string, PrincipalRecord[]>();
  /** Names of tokens whose time is over; they come back should the clock have been wrong. */
  private readonly expired = new Set<string>();
  private readonly pending = new Set<string>();
  private readonly listeners = new Set<(kind: PrincipalChange, record: PrincipalRecord) => void>();
  private timer: Disposable | undefined;
  private closed = false;

  constructor(private readonly options: PrincipalsOptions) {
    for (const record of options.store.principals()) {
      this.keep(record);
      if (this.isOver(record)) this.expired.add(record.name);
    }
    this.arm();
  }

  /**
   * Makes a token; it is shown this once and never again. Throws SMX_ACCESS_ROLE_UNKNOWN, SMX_ACCESS_NAME_INVALID,
   * SMX_ACCESS_NAME_TAKEN (an expired token gives its name free), SMX_CONFIG_INVALID for an expiry that is over, and
   * what the store throws.
   */
  async createToken(wanted: NewToken): Promise<{ token: string; record: PrincipalRecord }> {
    const name = wanted.name ?? wanted.role;
    this.checkNew(wanted, name);
    const token = newToken();
    const record: PrincipalRecord = {
      name,
      kind: 'token',
      role: wanted.role,
      ...(wanted.alias === undefined ? {} : { alias: wanted.alias }),
      created: this.options.clock.now(),
      ...(wanted.expires === undefined ? {} : { expires: wanted.expires }),
      tokenHash: tokenHash(token),
    };
    await this.reserve(name, () => this.options.store.putPrincipal(record));
    this.admit(record, 'created');
    return { token, record };
  }

  /**
   * Makes a user, who logs in by name and password. Throws as `createToken` does, and SMX_ACCESS_PASSWORD.
   */
  async createUser({ name, role, password }: NewUser): Promise<PrincipalRecord> {
    this.checkNew({ role }, name);
    const created = this.options.clock.now();
    return this.reserve(name, async () => {
      const record: PrincipalRecord = { name, kind: 'user', role, created, password: await hashPassword(password) };
      await this.options.store.putPrincipal(record);
      this.admit(record, 'created');
      return record;
    });
  }

  /** Gives a user another password and ends what runs under the old one. Throws SMX_ACCESS_PRINCIPAL_UNKNOWN, SMX_ACCESS_PASSWORD. */
  async setPassword(name: string, password: string): Promise<void> {
    const hash = await hashPassword(password);
    const before = this.user(name);
    if (before === undefined) throw unknown(name, 'user');
    const record: PrincipalRecord = { ...before, password: hash };
    await this.reserve(name, () => this.options.store.putPrincipal(record));
    // removed while it was written: it stays removed
    if (this.user(name) !== before) {
      await this.options.store.removePrincipal(name);
      throw unknown(name, 'user');
    }
    this.drop(name);
    this.tell('removed', before);
    this.admit(record, 'has a new password');
  }

  /** The user of this name; undefined where there is none. */
  user(name: string): PrincipalRecord | undefined {
    const record = this.records.get(name);
    return record?.kind === 'user' ? record : undefined;
  }

  /**
   * Ends a principal: refused and told to listeners in this same turn, resolved once that is durable.
   * Throws SMX_ACCESS_PRINCIPAL_UNKNOWN, also where it is not of the `kind` that is meant. Where the store fails, it
   * stays revoked until the next start.
   */
  async revoke(name: string, kind?: 'user' | 'token'): Promise<void> {
    const record = this.records.get(name);
    if (record === undefined || (kind !== undefined && record.kind !== kind)) throw unknown(name, kind);
    const wasValid = !this.expired.has(name);
    this.drop(name);
    this.record(record, 'revoked');
    if (wasValid) this.tell('removed', record);
    await this.options.store.removePrincipal(name);
  }

  /** All users and tokens in order of name, expired ones included. */
  list(): PrincipalRecord[] {
    return [...this.records.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Who holds this token; undefined where nobody does or its time is over. */
  byToken(token: string): PrincipalRecord | undefined {
    if (!isToken(token)) return undefined;
    const hash = tokenHash(token);
    const found = this.byHash.get(hash.slice(0, INDEX))?.find((record) => sameHash(record.tokenHash ?? '', hash));
    return found === undefined || this.isOver(found) ? undefined : found;
  }

  /** The same, where the principal must also be the named one (MQTT user and password). */
  login(name: string, token: string): PrincipalRecord | undefined {
    const found = this.byToken(token);
    return found?.name === name ? found : undefined;
  }

  /** `added` and `removed` as they take effect; an expiry is a removal and comes by itself. */
  onChange(listener: (kind: PrincipalChange, record: PrincipalRecord) => void): Disposable {
    this.listeners.add(listener);
    return { dispose: () => void this.listeners.delete(listener) };
  }

  close(): void {
    this.closed = true;
    this.timer?.dispose();
    this.listeners.clear();
  }

  /** Keeps a name from being taken while `work` goes on. */
  private async reserve<T>(name: string, work: () => Promise<T>): Promise<T> {
    this.pending.add(name);
    try {
      return await work();
    } finally {
      this.pending.delete(name);
    }
  }

  private admit(record: PrincipalRecord, what: string): void {
    this.drop(record.name);
    this.keep(record);
    this.record(record, what);
    this.tell('added', record);
    this.arm();
  }

  private checkNew(wanted: NewToken, name: string): void {
    const roles = this.options.roles();
    if (!roles.has(wanted.role)) {
      const meant = nearest(wanted.role, roles.keys());
      const hint = meant === undefined ? `known are ${[...roles.keys()].join(', ')}` : `did you mean "${meant}"?`;
      throw new SmxError('SMX_ACCESS_ROLE_UNKNOWN', `there is no role "${wanted.role}"; ${hint}`);
    }
    for (const word of wanted.alias === undefined ? [name] : [name, wanted.alias])
      if (!isPrincipalName(word))
        throw new SmxError(
          'SMX_ACCESS_NAME_INVALID',
          `"${word}" is no name: use lower case letters, digits and -, not first, at most 31 characters`,
        );
    if (this.isTaken(name))
      throw new SmxError(
        'SMX_ACCESS_NAME_TAKEN',
        `the name "${name}" is taken; choose another one, or revoke its owner`,
      );
    const { expires } = wanted;
    if (expires !== undefined && !(Number.isSafeInteger(expires) && expires > this.options.clock.now()))
      throw new SmxError('SMX_CONFIG_INVALID', 'the expiry of a token must be a time to come, in ms UTC');
  }

  private isTaken(name: string): boolean {
    if (OWN_NAMES.includes(name) || this.pending.has(name)) return true;
    if (this.records.has(name) && !this.expired.has(name)) return true;
    for (const reserved of this.options.reserved()) if (reserved === name) return true;
    return false;
  }

  private isOver(record: PrincipalRecord): boolean {
    return record.expires !== undefined && this.options.clock.now() >= record.expires;
  }

  private keep(record: PrincipalRecord): void {
    this.records.set(record.name, record);
    if (record.tokenHash === undefined) return;
    const key = record.tokenHash.slice(0, INDEX);
    this.byHash.set(key, [...(this.byHash.get(key) ?? []), record]);
  }

  private drop(name: string): void {
    const record = this.records.get(name);
    if (record === undefined) return;
    this.records.delete(name);
    this.expired.delete(name);
    if (record.tokenHash === undefined) return;
    const key = record.tokenHash.slice(0, INDEX);
    const left = (this.byHash.get(key) ?? []).filter((other) => other !== record);
    if (left.length > 0) this.byHash.set(key, left);
    else this.byHash.delete(key);
  }

  /** One timer for the next expiry, woken at least each second while one is ahead. */
  private arm(): void {
    this.timer?.dispose();
    this.timer = undefined;
    let next = Infinity;
    const now = this.options.clock.now();
    for (const { expires } of this.records.values())
      if (expires !== undefined) next = Math.min(next, Math.abs(expires - now));
    if (next === Infinity || this.closed) return;
    this.timer = this.options.clock.after(Math.min(Math.max(next, 1), LOOK), () => this.look());
  }

  private look(): void {
    for (const record of this.records.values()) {
      const over = this.isOver(record);
      if (over === this.expired.has(record.name)) continue;
      if (over) this.expired.add(record.name);
      else this.expired.delete(record.name);
      this.record(record, over ? 'expired' : 'valid again');
      this.tell(over ? 'removed' : 'added', record);
    }
    this.arm();
  }

  private record(record: PrincipalRecord, what: string): void {
    const { name, role, kind, alias, expires } = record;
    this.options.ledger.append({
      t: this.options.clock.now(),
      kind: 'grant',
      principal: name,
      data: {
        principal: what,
        kind,
        role,
        ...(alias === undefined ? {} : { alias }),
        ...(expires === undefined ? {} : { expires }),
      },
    });
  }

  private tell(kind: PrincipalChange, record: PrincipalRecord): void {
    for (const listener of [...this.listeners]) listener(kind, record);
  }
}

function unknown(name: string, kind = 'user or token'): SmxError {
  return new SmxError('SMX_ACCESS_PRINCIPAL_UNKNOWN', `there is no ${kind} "${name}"`);
}
