import { periodText, profilePath, type Disposable, type EventRecord, type ProfileRecord } from '@smx-edge/model';
import type { PartyView } from '../doors.js';
import type { LaneStore } from './lane-options.js';

/** A kind of records that a stream brings. `R` has ids in order of commit. */
export interface RecordKind<R extends { readonly id: number }> {
  readonly stream: string;
  after(id: number, limit: number): Promise<R[]>;
  /** Calls back when there are new ones. */
  onNew(listener: () => void): Disposable;
  /** Time of a record, ms UTC. */
  time(record: R): number;
  /** When the party may see a record, ms UTC: -Infinity at once, Infinity never. */
  due(view: PartyView, record: R): number;
  /** The records as `rows` (contracts §5), JSON. */
  rows(view: PartyView, records: readonly R[]): string;
  /** Notes for the ledger that records went out. */
  gave(view: PartyView, records: readonly R[]): void;
}

/** The kinds of one store, for all parties: they share what they read. */
export interface RecordKinds {
  readonly event: RecordKind<EventRecord>;
  readonly profile: RecordKind<ProfileRecord>;
}

export function recordKinds(store: LaneStore): RecordKinds {
  return { event: eventKind(store), profile: profileKind(store) };
}

/** Reads that are under way are shared: all links look for the same new records at once, and the store answers them in one turn. */
function shared<R>(
  read: (after: number, limit: number) => Promise<R[]>,
): (after: number, limit: number) => Promise<R[]> {
  const underWay = new Map<string, Promise<R[]>>();
  return (after, limit) => {
    const key = `${after}+${limit}`;
    const known = underWay.get(key);
    if (known !== undefined) return known;
    const page = read(after, limit).finally(() => underWay.delete(key));
    underWay.set(key, page);
    return page;
  };
}

/** Events as the HTTP API has them, with their device. */
export function eventKind(store: LaneStore): RecordKind<EventRecord> {
  // the same for all parties, which share what is read
  const texts = new WeakMap<EventRecord, string>();
  const eventText = (event: EventRecord): string => {
    const known = texts.get(event);
    if (known !== undefined) return known;
    const { id, t, path, code, severity, state, text: words, data, files } = event;
    const device = path.split('/')[0];
    const text = JSON.stringify({ device, id, t, path, code, severity, state, text: words, data, files });
    texts.set(event, text);
    return text;
  };
  return {
    stream: 'event',
    after: shared((after, limit) => store.events({ after, limit })),
    onNew: (listener) => store.onEvent(listener),
    time: ({ t }) => t,
    due: (view, { path, t }) => view.eventDue(path, t),
    rows: (_view, events) => `[${events.map(eventText).join(',')}]`,
    gave: () => undefined,
  };
}

/** Rows of load profiles as the HTTP API has them: what the rows of one profile share stands once before them. */
function profileKind(store: LaneStore): RecordKind<ProfileRecord> {
  const path = ({ device, profile }: ProfileRecord): string => profilePath({ device, id: profile });
  return {
    stream: 'profile',
    after: shared((after, limit) => store.profiles.commits({ after, limit })),
    onNew: (listener) => store.profiles.onAppend(listener),
    time: ({ row: [end] }) => end,
    due: (view, record) => view.profile(path(record))?.due(record.row[0]) ?? Infinity,
    rows: (view, records) => {
      const rows = runs(records).map((run) => {
        const { device, profile: id } = run[0]!;
        const definition = store.profiles.find({ device, id });
        const head =
          definition === undefined ? {} : { period: periodText(definition.period), columns: definition.columns };
        const isProven = (view.profile(profilePath({ device, id }))?.chain ?? 'none') !== 'none';
        return { device, id, ...head, rows: run.map(({ row }) => row), ...proof(run, isProven) };
      });
      return JSON.stringify(rows);
    },
    gave: (view, records) => {
      for (const run of runs(records)) view.profile(path(run[0]!))?.given(run[0]!.row[0], run.at(-1)!.row[0]);
    },
  };
}

/** Neighbours of one profile that follow one another in its chain. */
function runs(records: readonly ProfileRecord[]): ProfileRecord[][] {
  const found: ProfileRecord[][] = [];
  for (const record of records) {
    const run = found.at(-1);
    const last = run?.at(-1);
    const follows = last?.device === record.device && last.profile === record.profile && last.hash === record.prev;
    if (follows) run!.push(record);
    else found.push([record]);
  }
  return found;
}

function proof(run: readonly ProfileRecord[], isProven: boolean): object {
  const first = run[0]!;
  const { hash, sig, key } = run.at(-1)!;
  if (!isProven) return { hash: null, prev: null, sig: null };
  const sources = run.map(({ source }) => [1, source] as const);
  return { hash, prev: first.prev, sig, key, first: first.seq, sources };
}
