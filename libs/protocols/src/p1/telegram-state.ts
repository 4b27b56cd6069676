import type { PointValue } from '@smx-edge/model';
import { TextCell, octetText, plainText } from './text-cell.js';
import { OBIS_TABLE, P1_POINTS, p1Slot } from './obis-table.js';
import {
  SLOT_ABSENT,
  SLOT_OFF,
  SLOT_REASONS,
  SLOT_TWICE,
  SLOT_VALUE,
  type MonthPeak,
  type P1Protection,
  type P1Register,
  type P1Telegram,
  type P1Verdict,
  type PowerFailure,
  type SubMeter,
} from './telegram.js';
import { Tokens, type BadLine, type P1Object } from './tokens.js';

const TEXT_SLOTS: readonly boolean[] = P1_POINTS.map(({ type }) => type === 'string');

/** The one telegram object of a decoder, filled anew for each frame. */
export class TelegramState implements P1Telegram {
  verdict: P1Verdict = 'absent';
  protection: P1Protection = 'plain';
  closedBy: 'marker' | 'next' | 'silence' = 'marker';
  crcExpected = false;
  dsmrVersion: string | null = null;
  emucsVersion: string | null = null;
  time = NaN;
  localTime = NaN;
  count = 0;
  readonly present = new Int32Array(P1_POINTS.length);
  readonly values = new Float64Array(P1_POINTS.length);
  readonly states = new Uint8Array(P1_POINTS.length);
  readonly subMeters: SubMeter[] = [];
  readonly registers: P1Register[] = [];
  peaks: readonly MonthPeak[] | null = null;
  failures: readonly PowerFailure[] | null = null;

  /** Digits and power of ten behind each number, so that sums are exact. */
  readonly mantissas = new Float64Array(P1_POINTS.length);
  readonly exponents = new Int8Array(P1_POINTS.length);
  readonly tokens: Tokens;
  readonly identCell = new TextCell(plainText);
  readonly dsmrCell = new TextCell(plainText);
  readonly emucsCell = new TextCell(plainText);
  /** Rank of the row that is being read. */
  rank = 0;
  source: Uint8Array = new Uint8Array(0);
  sourceEnd = 0;

  private readonly ranks = new Uint8Array(P1_POINTS.length);
  private readonly texts: (string | null)[] = P1_POINTS.map(() => null);
  /** One cell per row of the table, so that two objects of one point do not undo each other's memory. */
  private readonly cells: readonly TextCell[] = OBIS_TABLE.map(
    ({ form }) => new TextCell(form === 'octets' ? octetText : plainText),
  );

  constructor(size: number) {
    this.tokens = new Tokens(size);
  }

  get ident(): string {
    return this.identCell.text ?? '';
  }

  get badLines(): readonly BadLine[] {
    return this.tokens.badLines;
  }

  clear(): void {
    this.count = 0;
    this.states.fill(SLOT_ABSENT);
    this.dsmrVersion = this.emucsVersion = null;
    this.time = this.localTime = NaN;
    this.crcExpected = false;
    this.peaks = this.failures = null;
  }

  setNumber(slot: number, value: number, state: number): boolean {
    if (!this.admit(slot, this.states[slot] === state && this.values[slot] === value, state)) return false;
    this.values[slot] = value;
    return true;
  }

  setText(slot: number, text: string): void {
    if (this.admit(slot, this.states[slot] === SLOT_VALUE && this.texts[slot] === text, SLOT_VALUE))
      this.texts[slot] = text;
  }

  setNull(slot: number, state: number): void {
    this.admit(slot, this.states[slot] === state, state);
  }

  /**
   * Whether what a row of `rank` found goes into the slot. The same point printed twice must be `same`, else it is null;
   * of two objects for one point a value wins over none, then the lower rank.
   */
  private admit(slot: number, same: boolean, state: number): boolean {
    const before = this.states[slot]!;
    if (before === SLOT_ABSENT) this.present[this.count++] = slot;
    else if (this.ranks[slot] === this.rank) {
      if (same) return false;
      this.values[slot] = NaN;
      this.states[slot] = SLOT_TWICE;
      return false;
    } else if (state > SLOT_OFF || before === SLOT_TWICE || (before <= SLOT_OFF && this.ranks[slot]! < this.rank))
      return false;
    this.values[slot] = NaN;
    this.ranks[slot] = this.rank;
    this.states[slot] = state;
    return true;
  }

  cell(row: number): TextCell {
    return this.cells[row]!;
  }

  text(slot: number): string | null {
    return TEXT_SLOTS[slot] === true && this.states[slot] === SLOT_VALUE ? this.texts[slot]! : null;
  }

  get(path: string): PointValue | undefined {
    const slot = p1Slot(path);
    if (slot < 0 || this.states[slot] === SLOT_ABSENT) return undefined;
    if (TEXT_SLOTS[slot] === true) return this.text(slot);
    return this.states[slot]! >= SLOT_OFF ? null : this.values[slot]!;
  }

  reason(slot: number): string | undefined {
    const state = this.states[slot]!;
    return state === SLOT_VALUE ? undefined : SLOT_REASONS[state];
  }

  objects(): P1Object[] {
    return this.tokens.objects();
  }

  bytes(): Uint8Array {
    return this.source.slice(0, this.sourceEnd);
  }
}
