import { Readable } from 'node:stream';
import { profileHead, profilePath, type ProfileDefinition, type ProfileRecord } from '@smx-edge/model';
import type { View } from '@smx-edge/access';
import type { ProfileShelf } from '../doors.js';

const PIECE = 1000;

export interface ProfileSpan {
  readonly profile: ProfileDefinition;
  /** `from` < end <= `to`, ms UTC. */
  readonly from: number;
  readonly to: number;
}

/** What proves the rows: as far as they follow one another in the chain of their profile. */
class Proof {
  private first: ProfileRecord | undefined;
  private last: ProfileRecord | undefined;
  private broken = false;
  /** Runs of rows of one source. */
  private readonly sources: [rows: number, sha256: string | null][] = [];

  add(record: ProfileRecord): void {
    if (this.last !== undefined && record.prev !== this.last.hash) this.broken = true;
    this.first ??= record;
    this.last = record;
    const run = this.sources.at(-1);
    if (run?.[1] === record.source) run[0]++;
    else this.sources.push([1, record.source]);
  }

  text(isGranted: boolean): string {
    const { first, last, sources } = this;
    if (!isGranted || this.broken || first === undefined || last === undefined)
      return '"hash":null,"prev":null,"sig":null';
    const { hash, sig, key } = last;
    return JSON.stringify({ hash, prev: first.prev, sig, key, first: first.seq, sources }).slice(1, -1);
  }
}

/** The answer piece by piece; no more than one page of rows is held. Each row is asked of the gate. */
async function* pieces(shelf: ProfileShelf, view: View, { profile, from, to }: ProfileSpan): AsyncGenerator<string> {
  const path = profilePath(profile);
  const proof = new Proof();
  let before = `${JSON.stringify(profileHead(profile)).slice(0, -1)},"rows":[`;
  for (let after = from; ;) {
    const page = await shelf.rows({ ...profile, from: after, to, limit: PIECE });
    const grant = view.profile(path);
    const seen = grant === undefined ? [] : page.filter(({ row: [end] }) => grant.sees(end));
    for (const record of seen) proof.add(record);
    if (seen.length > 0) {
      grant!.given(seen[0]!.row[0], seen.at(-1)!.row[0]);
      yield before + JSON.stringify(seen.map(({ row }) => row)).slice(1, -1);
      before = ',';
    }
    if (page.length < PIECE || grant === undefined) break;
    after = page.at(-1)!.row[0];
  }
  const chain = view.profile(path)?.chain ?? 'none';
  yield `${before === ',' ? '' : before}],${proof.text(chain !== 'none')}}`;
}

export function profileStream(shelf: ProfileShelf, view: View, span: ProfileSpan): Readable {
  return Readable.from(pieces(shelf, view, span), { objectMode: true, highWaterMark: 1 });
}
