import { createHash } from 'node:crypto';
import type { Clock, Disposable, LedgerSink, PrincipalRecord } from '@smx-edge/model';
import type { Disclosed, DisclosedGroup } from './disclosures.js';

const SPAN = 15 * 60_000;
const DAY = 86_400_000;
/** Points of one entry; the ledger bounds the size of an entry. */
const MOST_POINTS = 200;

/** A view as far as the book asks it. */
interface Disclosing {
  readonly principal: PrincipalRecord;
  takeDisclosed(): Disclosed | undefined;
}

export interface DisclosureBookOptions {
  readonly clock: Clock;
  readonly ledger: LedgerSink;
  readonly views: () => readonly Disclosing[];
}

/**
 * Who received which points in which form under which grant, each quarter of an hour into the ledger. A set of points
 * that has not changed is written by the hash under which it was listed before, and listed again once a day.
 */
export class DisclosureBook {
  private timer: Disposable | undefined;
  private since: number;
  private readonly listed = new Map<string, { readonly set: string; readonly at: number }>();

  constructor(private readonly options: DisclosureBookOptions) {
    this.since = options.clock.now();
    this.arm();
  }

  /** Writes what one view gave so far. */
  write(view: Disclosing): void {
    const disclosed = view.takeDisclosed();
    if (disclosed === undefined) return;
    const { clock, ledger } = this.options;
    const { name, role } = view.principal;
    const t = clock.now();
    const put = (data: Record<string, unknown>): void =>
      ledger.append({
        t,
        kind: 'disclosure',
        principal: name,
        data: { role, since: Math.min(this.since, t), until: t, ...data },
      });
    if (disclosed.reads.length > 0) {
      const set = createHash('sha256').update(JSON.stringify(disclosed.reads)).digest('hex').slice(0, 16);
      const before = this.listed.get(name);
      if (before?.set === set && Math.abs(t - before.at) < DAY) put({ set });
      else {
        for (const reads of inParts(disclosed.reads)) put({ set, reads });
        this.listed.set(name, { set, at: t });
      }
    }
    for (const history of inParts(disclosed.history)) put({ history });
    for (const profiles of inParts(disclosed.profiles)) put({ profiles });
  }

  close(): void {
    this.timer?.dispose();
    this.timer = undefined;
    this.writeAll();
  }

  private writeAll(): void {
    for (const view of this.options.views()) this.write(view);
    this.since = this.options.clock.now();
  }

  private arm(): void {
    const { clock } = this.options;
    const now = clock.now();
    const wait = (Math.floor(now / SPAN) + 1) * SPAN - now;
    this.timer = clock.after(wait, () => {
      this.writeAll();
      this.arm();
    });
  }
}

/** The groups cut so that no part has more points than an entry holds. */
function inParts(groups: readonly DisclosedGroup[]): DisclosedGroup[][] {
  const parts: DisclosedGroup[][] = [];
  let room = 0;
  for (const group of groups)
    for (let from = 0; from < group.points.length;) {
      if (room === 0) {
        parts.push([]);
        room = MOST_POINTS;
      }
      const points = group.points.slice(from, from + room);
      parts[parts.length - 1]!.push({ ...group, points });
      room -= points.length;
      from += points.length;
    }
  return parts;
}
