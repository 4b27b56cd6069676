import { SmxError, type Clock, type Disposable } from '@smx-edge/model';
import { decodeModel, encodeModel, encodeWrite, modelOf, type ModelValues } from '@smx-edge/protocols/sunspec';
import { ModbusException, type ModbusUnit, type RegisterBlock } from '../src/modbus/types.js';

/** What happens to one write: an exception by its number; `lost`: neither taken nor answered; `unanswered`: taken, and no answer. */
export type WriteFault = number | 'ignored' | 'clamped' | 'lost' | 'unanswered' | 'half';

const BASE = 40_000;
const CLAMP = 50;
const timeout = (): SmxError => new SmxError('SMX_MODBUS_TIMEOUT', 'no answer');

const STORAGE: ModelValues = {
  ...{ WChaMax: 5000, WChaMax_SF: 0, StorCtl_Mod: 0, MinRsvPct: 7, MinRsvPct_SF: 0, ChaState: 50, ChaState_SF: 0 },
  ...{ OutWRte: 100, InWRte: 100, InOutWRte_SF: -2, InOutWRte_RvrtTms: 0, ChaGriSet: 1, ChaSt: 4 },
};
const OUTPUT: ModelValues = {
  ...{ Conn: 1, WMaxLimPct: 100, WMaxLimPct_WinTms: 0, WMaxLimPct_RvrtTms: 0, WMaxLimPct_RmpTms: 0, WMaxLim_Ena: 0 },
  WMaxLimPct_SF: -2,
};

/** Registers of an inverter with a battery without a line: remembers what is written, and in which state that leaves it. */
export class ControlUnit implements ModbusUnit {
  readonly unit = 1;
  /** Writes that were asked for. */
  requests = 0;
  /** Values of each write, in order. */
  readonly written: Readonly<Record<string, number>>[] = [];
  /** Windows that stood in the registers and cannot be. */
  readonly invalid: string[] = [];
  /** Faults of the next writes, one each. */
  faults: (WriteFault | undefined)[] = [];
  /** Writes after which it falls silent. */
  falls: number | undefined;
  /** Nothing is answered. */
  isSilent = false;
  /** What stands in every register behind the head of a model, instead of its values. */
  filled: number | undefined;
  private image: number[] = [];
  private readonly models = new Map<number, ModelValues>([
    [1, { Mn: 'Example', SN: '42' }],
    [103, { W: 2000, W_SF: 0, St: 4 }],
    [120, { WRtg: 8000, WRtg_SF: 0 }],
    [121, { WMax: 10_000, WMax_SF: 0 }],
    [123, OUTPUT],
    [124, STORAGE],
  ]);

  constructor(values: Readonly<Record<number, ModelValues>> = {}) {
    for (const [id, changed] of Object.entries(values)) this.models.set(Number(id), { ...this.models.get(Number(id)), ...changed }); // prettier-ignore
    this.image = [
      0x5375,
      0x6e53,
      ...[...this.models].flatMap(([id, each]) => encodeModel(modelOf(id)!, each)),
      0xffff,
      0,
    ];
  }

  /** Fields of a model as they stand there. */
  values(id: number): Record<string, number> {
    const { fields } = this.decoded(id);
    return Object.fromEntries(Object.entries(fields).flatMap(([name, { value }]) => (typeof value === 'number' ? [[name, value]] : []))); // prettier-ignore
  }

  /** Somebody else sets fields; those of one call need not stand beside each other. */
  set(id: number, values: Readonly<Record<string, number>>): void {
    for (const [name, value] of Object.entries(values)) {
      const place = this.place(id);
      const { fields } = modelOf(id)!;
      const field = fields.find((each) => each.name === name)!;
      const from = place.address - BASE + field.offset;
      if (field.writable)
        this.image.splice(from, field.registers, ...encodeWrite(place, this.words(id), { [name]: value }).words); // prettier-ignore
      else this.image[from] = value & 0xffff;
    }
  }

  async read({ address, count }: RegisterBlock): Promise<number[]> {
    await Promise.resolve();
    if (this.isSilent) throw timeout();
    const from = address - BASE;
    if (from < 0 || from + count > this.image.length) throw new ModbusException(2, 'no such register');
    const heads = this.filled === undefined ? undefined : this.heads;
    return this.image
      .slice(from, from + count)
      .map((word, i) => (heads === undefined || heads.has(from + i) ? word : this.filled!));
  }

  /** Where marker, ids and lengths stand in the image. */
  private get heads(): ReadonlySet<number> {
    const heads = new Set([0, 1]);
    for (let at = 2; at < this.image.length; at += 2 + this.image[at + 1]!) heads.add(at).add(at + 1);
    return heads;
  }

  async readAll(blocks: readonly RegisterBlock[]): Promise<number[][]> {
    return Promise.all(blocks.map((block) => this.read(block)));
  }

  async write(address: number, words: readonly number[]): Promise<void> {
    await Promise.resolve();
    this.requests++;
    if (this.falls !== undefined && this.falls-- === 0) this.isSilent = true;
    if (this.isSilent) throw timeout();
    const fault = this.faults.shift();
    if (typeof fault === 'number') throw new ModbusException(fault, `exception ${fault}`);
    if (fault === 'lost') throw timeout();
    const isHalf = fault === 'half' && words.length > 1;
    if (isHalf) this.takeHalf(address, words);
    else if (fault !== 'ignored') this.take(address, words);
    if (fault === 'clamped') this.clamp();
    if (!this.isValid) this.invalid.push(JSON.stringify(this.values(124)));
    if (fault === 'unanswered') throw timeout();
    if (isHalf) throw new ModbusException(3, 'exception 3');
  }

  private get isValid(): boolean {
    const { OutWRte, InWRte } = this.values(124);
    return -InWRte! <= OutWRte!;
  }

  /** A bad register ends a write of several in their midst; a window that cannot be is none that a device would keep. */
  private takeHalf(address: number, words: readonly number[]): void {
    const before = this.image;
    this.image = [...before];
    this.take(address, words.slice(0, words.length >> 1));
    if (!this.isValid) this.image = before;
  }

  private take(address: number, words: readonly number[]): void {
    const before = { ...this.values(123), ...this.values(124) };
    this.image.splice(address - BASE, words.length, ...words);
    const after = { ...this.values(123), ...this.values(124) };
    this.written.push(Object.fromEntries(Object.entries(after).filter(([name, value]) => before[name] !== value)));
  }

  private clamp(): void {
    const { OutWRte, InWRte } = this.values(124);
    const cut = (rate: number): number => Math.min(CLAMP, Math.max(-CLAMP, rate));
    this.set(124, { OutWRte: cut(OutWRte!), InWRte: cut(InWRte!) });
  }

  private place(id: number): { id: number; address: number; length: number } {
    let at = 2;
    while (this.image[at] !== id) at += 2 + this.image[at + 1]!;
    return { id, address: BASE + at, length: this.image[at + 1]! };
  }

  private words(id: number): number[] {
    const { address, length } = this.place(id);
    return this.image.slice(address - BASE, address - BASE + 2 + length);
  }

  private decoded(id: number): Exclude<ReturnType<typeof decodeModel>, { fault: unknown }> {
    const model = decodeModel(this.place(id), this.words(id));
    if ('fault' in model) throw new Error(model.fault);
    return model;
  }
}

/** Beyond this is what is not waited for but guarded against, ms. */
const LONG = 4000;

/** A clock on which what is waited for comes at once. */
export class HastyClock implements Clock {
  private elapsed = 0;

  now(): number {
    return this.elapsed;
  }

  monotonic(): number {
    return this.elapsed;
  }

  /** What happens meanwhile takes this long, ms. */
  pass(ms: number): void {
    this.elapsed += ms;
  }

  after(ms: number, fn: () => void): Disposable {
    let isOver = ms > LONG;
    setImmediate(() => {
      if (isOver) return;
      this.elapsed += ms;
      fn();
    });
    return { dispose: () => void (isOver = true) };
  }
}
