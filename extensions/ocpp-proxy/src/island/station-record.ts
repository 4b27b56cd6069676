import { createHash } from 'node:crypto';
import type { InstanceState } from '@smx-edge/extension-api';
import { keyOf } from '../kept/key.js';
import { StateLog } from '../kept/state-log.js';

/** A transaction message that this box answered and the back end has yet to get. */
export interface Entry {
  /** The same at each try. */
  readonly id: string;
  readonly action: string;
  /** As the charge point wrote it. */
  readonly payload: string;
  /** Of a StartTransaction: the number that the charge point was given. */
  readonly local?: number;
}

interface Kept {
  /** Hash of the Authorization with which the back end let it in. */
  authorization?: string;
  /** Payload of its last BootNotification. */
  boot?: string;
  /** s, of the back end. */
  interval?: number;
  nextLocal: number;
  /** Own and real numbers of transactions that go on. */
  numbers: [number, number][];
  /** The newest start or stop that the back end answered: the charge point may not have the answer, and say it again. */
  last?: Last;
}

interface Last {
  /** Hash of action and payload, as the charge point wrote it: no tag is kept for it. */
  readonly said: string;
  /** Payload of the answer, with the number that the charge point knows. */
  readonly answer: Readonly<Record<string, unknown>>;
  /** Whether this box told it. */
  readonly isRetold: boolean;
}

interface Answered extends Pick<Last, 'answer' | 'isRetold'> {
  readonly action: string;
  readonly payload: string;
}

/** Above what back ends count to; below 2³¹, which some charge points keep them in. */
const FIRST_LOCAL = 2_000_000_000;
/** Bytes of meter values that are kept; starts and stops are kept as long as the state of the instance holds them. */
const MOST_METER_BYTES = 96 * 1024;
const MOST_RECENT = 500;

/** What is durable of one charge point: who it is, what its back end has yet to get, and which transaction is which. */
export class StationRecord {
  private readonly journal: [number, Entry][] = [];
  /** What was answered, so that the same once more is answered the same. */
  private readonly recent = new Map<string, number>();
  private bytes = 0;

  private constructor(
    private readonly place: { readonly state: InstanceState; readonly name: string },
    private readonly log: StateLog<Entry>,
    readonly kept: Kept,
  ) {}

  static async open(state: InstanceState, identity: string): Promise<StationRecord> {
    const name = `island/${keyOf(identity)}`;
    const kept = (await state.get<Kept>(`${name}/station`)) ?? { nextLocal: FIRST_LOCAL, numbers: [] };
    const { log, left } = await StateLog.open<Entry>(state, name);
    const record = new StationRecord({ state, name }, log, kept);
    for (const [n, entry] of left) record.added(n, entry);
    return record;
  }

  get front(): Entry | undefined {
    return this.journal[0]?.[1];
  }

  /** Whether the back end has to be told of something, or knows a transaction by another number. */
  get isPending(): boolean {
    return this.journal.length > 0 || this.kept.numbers.length > 0;
  }

  /** Whether the charge point may say again what the back end was told by this box. */
  get mayRepeat(): boolean {
    return this.kept.last?.isRetold === true;
  }

  /** What the back end answered where this very start or stop was the newest that it did. */
  answerTo(action: string, payload: string): Last['answer'] | undefined {
    return this.kept.last?.said === hashOf(action, payload) ? this.kept.last.answer : undefined;
  }

  /** Resolves once it is durable. */
  async keepLast({ action, payload, answer, isRetold }: Answered): Promise<void> {
    this.kept.last = { said: hashOf(action, payload), answer: withoutTags(answer), isRetold };
    await this.save();
  }

  async forgetLast(): Promise<void> {
    delete this.kept.last;
    await this.save();
  }

  /** Number of the transaction where this very message was answered before. */
  answered(action: string, payload: string): number | undefined {
    return this.recent.get(`${action} ${payload}`);
  }

  hasRoomForMeterValues(): boolean {
    return this.bytes < MOST_METER_BYTES;
  }

  /** Resolves once it is durable: then it may be answered. */
  async add(entry: Entry): Promise<void> {
    this.added(await this.log.append(entry), entry);
  }

  async takeLocal(): Promise<number> {
    const local = this.kept.nextLocal;
    this.kept.nextLocal = local >= FIRST_LOCAL + 100_000_000 ? FIRST_LOCAL : local + 1;
    await this.save();
    return local;
  }

  /** The back end has it. Of two connections of one charge point both may say so. */
  async done(entry: Entry): Promise<void> {
    if (this.front !== entry) return;
    const [n] = this.journal.shift()!;
    this.bytes -= entry.payload.length;
    await this.log.remove(n);
  }

  readonly realOf = (local: number): number | undefined => this.kept.numbers.find(([own]) => own === local)?.[1];

  readonly localOf = (real: number): number | undefined => this.kept.numbers.find(([, theirs]) => theirs === real)?.[0];

  /** To be saved. */
  map(local: number, real: number): void {
    this.kept.numbers = [...this.kept.numbers.filter(([own]) => own !== local), [local, real]];
  }

  async unmap(local: number): Promise<void> {
    if (this.realOf(local) === undefined) return;
    this.kept.numbers = this.kept.numbers.filter(([own]) => own !== local);
    await this.save();
  }

  save(): Promise<void> {
    return this.place.state.set(`${this.place.name}/station`, this.kept);
  }

  private added(n: number, entry: Entry): void {
    this.journal.push([n, entry]);
    this.bytes += entry.payload.length;
    this.recent.set(`${entry.action} ${entry.payload}`, entry.local ?? 0);
    if (this.recent.size > MOST_RECENT) this.recent.delete(this.recent.keys().next().value!);
  }
}

const hashOf = (action: string, payload: string): string =>
  createHash('sha256').update(`${action} ${payload}`).digest('base64');

const withoutTags = (answer: Last['answer']): Last['answer'] =>
  JSON.parse(JSON.stringify(answer, (key, value: unknown) => (key === 'parentIdTag' ? undefined : value))) as Last['answer']; // prettier-ignore
