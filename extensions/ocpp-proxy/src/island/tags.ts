import { createHmac } from 'node:crypto';
import type { InstanceState } from '@smx-edge/extension-api';
import { IdTag } from '@smx-edge/protocols/ocpp-j';

/** What back ends said of tags, under the hash of the tag: a list that is found tells nobody's tag. */
interface Known {
  readonly status: string;
  /** ms UTC. */
  readonly until?: number;
}

const MOST = 500;
const KEY = 'island/tags';

export interface TagOptions {
  readonly state: InstanceState;
  /** Of the hashes. */
  readonly secret: Buffer;
  /** Tags that may always charge. */
  readonly always: readonly string[];
  readonly acceptsUnknown: boolean;
}

/** Who may charge while no back end can be asked: what it said before, in its own words and until it said (1.6 ed.2 §7.19). */
export class TagList {
  private readonly known: Map<string, Known>;
  private readonly always: ReadonlySet<string>;

  private constructor(
    private readonly o: TagOptions,
    kept: readonly [string, Known][],
  ) {
    this.known = new Map(kept);
    this.always = new Set(o.always.map((tag) => this.hash(tag)));
  }

  static async open(o: TagOptions): Promise<TagList> {
    return new TagList(o, (await o.state.get<[string, Known][]>(KEY)) ?? []);
  }

  /** Resolves once it is durable. */
  async learn(idTag: string, info: Readonly<Record<string, unknown>>): Promise<void> {
    const { status, expiryDate } = info;
    if (typeof status !== 'string' || status === 'ConcurrentTx') return;
    const until = typeof expiryDate === 'string' ? Date.parse(expiryDate) : NaN;
    const hash = this.hash(idTag);
    const before = this.known.get(hash);
    const next: Known = { status, ...(Number.isFinite(until) && { until }) };
    if (before?.status === next.status && before.until === next.until) return;
    this.known.delete(hash);
    this.known.set(hash, next);
    if (this.known.size > MOST) this.known.delete(this.known.keys().next().value!);
    await this.o.state.set(KEY, [...this.known]);
  }

  /** The `idTagInfo` for a tag, at `now` in ms UTC. */
  infoOf(idTag: string, now: number): { readonly status: string; readonly expiryDate?: string } {
    const hash = this.hash(idTag);
    if (this.always.has(hash)) return { status: 'Accepted' };
    const known = this.known.get(hash);
    if (known === undefined) return { status: this.o.acceptsUnknown ? 'Accepted' : 'Invalid' };
    if (known.until === undefined) return { status: known.status };
    const status = known.status === 'Accepted' && known.until <= now ? 'Expired' : known.status;
    return { status, expiryDate: new Date(known.until).toISOString() };
  }

  private hash(idTag: string): string {
    return createHmac('sha256', this.o.secret).update(new IdTag(idTag).hashInput()).digest('base64');
  }
}
