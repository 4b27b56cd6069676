import { X509Certificate } from 'node:crypto';
import type { InstanceState } from '@smx-edge/extension-api';
import { KEY_KINDS, type Issued, type KeyKind } from './issued.js';

const KEY = 'certificates';
/** Least time that a server certificate still holds, ms. */
const RENEW_BEFORE = 90 * 86_400_000;

interface Kept {
  readonly names: readonly string[];
  readonly authority: Readonly<Record<KeyKind, Issued>>;
  readonly server: Readonly<Record<KeyKind, Issued>>;
}

export interface CertificateTelling {
  readonly kind: KeyKind;
  readonly names: readonly string[];
  /** ms UTC. */
  readonly from: number;
  readonly until: number;
  /** SHA-256. */
  readonly fingerprint: string;
}

export interface OwnCertificatesOptions {
  readonly state: InstanceState;
  /** In the names of the authorities. */
  readonly owner: string;
  /** What the server is dialled under. */
  readonly names: readonly string[];
  readonly now: () => number;
}

/**
 * Authorities and server certificates that the instance makes for itself and keeps in its durable state; keys never leave it.
 * Server certificates are made anew when their names change or their end comes near, under the same authorities, so that a charge
 * point that trusts one goes on.
 */
export class OwnCertificates {
  private changed: ((server: readonly Issued[]) => void) | undefined;

  private constructor(
    private readonly o: OwnCertificatesOptions,
    private kept: Kept,
  ) {}

  /** Makes what is missing; that takes up to some seconds on a small computer, once. */
  static async open(o: OwnCertificatesOptions): Promise<OwnCertificates> {
    const kept = await o.state.get<Kept>(KEY);
    if (kept === undefined) return new OwnCertificates(o, await make(o, undefined));
    const own = new OwnCertificates(o, kept);
    await own.keepValid();
    return own;
  }

  /** `changed` is told of server certificates that come in the place of others. */
  watch(changed: (server: readonly Issued[]) => void): void {
    this.changed = changed;
  }

  /** Makes server certificates anew where it is time to; true where it did. */
  async keepValid(): Promise<boolean> {
    const { names, server } = this.kept;
    const isSame = names.length === this.o.names.length && names.every((name, i) => name === this.o.names[i]);
    const now = this.o.now();
    if (isSame && KEY_KINDS.every((kind) => isValid(server[kind], now))) return false;
    await this.renew({ authority: !KEY_KINDS.every((kind) => isValid(this.kept.authority[kind], now)) });
    return true;
  }

  /** Server certificates anew; with `authority` also the authorities, which every charge point then has to be told of. */
  async renew({ authority = false }: { authority?: boolean } = {}): Promise<void> {
    this.kept = await make(this.o, authority ? undefined : this.kept.authority);
    this.changed?.(this.server);
  }

  get server(): readonly Issued[] {
    return KEY_KINDS.map((kind) => this.kept.server[kind]);
  }

  /** What charge points have to trust: a certificate for each kind of key, as PEM. */
  get authorities(): Readonly<Record<KeyKind, string>> {
    const { rsa, ecdsa } = this.kept.authority;
    return { ecdsa: ecdsa.certificate, rsa: rsa.certificate };
  }

  get telling(): readonly CertificateTelling[] {
    return KEY_KINDS.map((kind) => {
      const { validFrom, validTo, fingerprint256 } = new X509Certificate(this.kept.server[kind].certificate);
      const { names } = this.kept;
      return { kind, names, from: Date.parse(validFrom), until: Date.parse(validTo), fingerprint: fingerprint256 };
    });
  }
}

/** Also false where it begins in the future: it was made while the clock was ahead. */
function isValid({ certificate }: Issued, now: number): boolean {
  const { validFrom, validTo } = new X509Certificate(certificate);
  // an unset clock is behind all of them
  return Date.parse(validFrom) <= Math.max(now, Date.UTC(2026, 0, 1)) && Date.parse(validTo) - now >= RENEW_BEFORE;
}

async function make(o: OwnCertificatesOptions, authority: Kept['authority'] | undefined): Promise<Kept> {
  // its size would be in the memory of every instance
  const { issueAuthorities, issueServer } = await import('./issue.js');
  const now = o.now();
  const above = authority ?? (await issueAuthorities(o.owner, now));
  const server = await Promise.all(
    KEY_KINDS.map(async (kind) => [kind, await issueServer(kind, above[kind], { names: o.names, now })] as const),
  );
  const kept: Kept = { names: o.names, authority: above, server: Object.fromEntries(server) as Kept['server'] };
  await o.state.set(KEY, kept);
  return kept;
}
