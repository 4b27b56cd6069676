import type { Zone } from '@smx-edge/model';
import { encodeStamp } from '@smx-edge/protocols/iec62056-21';
import { fixed } from '@smx-edge/protocols/p1';
import type { MeterRow, MeterSource } from '../billing/index.js';
import { datedTime, stampOf } from './clock.js';
import type { ProfileDialect } from './dialect.js';

const QUARTER = 900_000;
const MINUTES = '15';
const QUARTERS_AN_HOUR = 4;
const DIGITS = { digits: 6, decimals: 4, exponent: 3 } as const;
const ADDRESS = 'P.01';

/** Both ends in it, ms UTC. */
export interface Interval {
  readonly from: number;
  readonly to: number;
}

export interface ProfileOptions {
  readonly dialect: ProfileDialect;
  /** Whether a row says when its quarter hour began or when it ended. */
  readonly stamp: 'start' | 'end';
}

/** A row with what it added to the one before, Ws and vars. */
interface Step {
  readonly row: MeterRow;
  readonly added: readonly number[];
}

/** The quarter hours of a stretch of time as the meter writes them, each line with its end. */
export function loadProfile({ house, memory }: MeterSource, { from, to }: Interval, options: ProfileOptions): string {
  // of the first that is kept nobody knows what it added
  const rows = memory.between(-Infinity, to);
  const steps: Step[] = [];
  for (let i = rows.length - 1; i > 0 && rows[i]!.end >= from; i--) steps.push(stepOf(rows[i]!, rows[i - 1]!));
  if (steps.length === 0) return `${ADDRESS}()\r\n`;
  steps.reverse();
  return options.dialect.layout === 'dated' ? dated(steps, house.zone, options) : headed(steps, house.zone, options);
}

function stepOf(row: MeterRow, before: MeterRow): Step {
  const counters = ({ import: a, export: b, reactiveImport: c, reactiveExport: d }: MeterRow) => [a, b, c, d];
  const old = counters(before);
  return { row, added: counters(row).map((counter, i) => counter - old[i]!) };
}

/** A heading where the first row begins, where the status is another, and behind a gap. */
function headed(steps: readonly Step[], zone: Zone, options: ProfileOptions): string {
  const lines: string[] = [];
  let before: MeterRow | undefined;
  for (const { row, added } of steps) {
    if (before === undefined || before.status !== row.status || row.end - before.end !== QUARTER)
      lines.push(heading(row, zone, options));
    lines.push(values(added, options.dialect).map((value) => `(${value})`).join('')); // prettier-ignore
    before = row;
  }
  return `${lines.join('\r\n')}\r\n`;
}

function heading(row: MeterRow, zone: Zone, options: ProfileOptions): string {
  const { channels, counts, status } = options.dialect;
  const [active, reactive] = counts === 'power' ? ['kW', 'kvar'] : ['kWh', 'kvarh'];
  const bits = row.status.toString(16).toUpperCase().padStart(status, '0');
  const names = channels.map((channel, i) => `(${channel})(${i < 2 ? active : reactive})`);
  return `${ADDRESS}(${encodeStamp(stampOf(timeOf(row, options), zone), 13)})(${bits})(${MINUTES})(${channels.length})${names.join('')}`;
}

/** Each row with its own date, and no word of what its values are. */
function dated(steps: readonly Step[], zone: Zone, options: ProfileOptions): string {
  const lines = steps.map(({ row, added }) => {
    const time = datedTime(stampOf(timeOf(row, options), zone));
    return `${ADDRESS}(${time})${values(added, options.dialect).map((value) => `(${value})`).join('')}`; // prettier-ignore
  });
  return `${lines.join('\r\n')}\r\n`;
}

const timeOf = ({ end }: MeterRow, { stamp }: ProfileOptions): number => (stamp === 'end' ? end : end - QUARTER);

function values(added: readonly number[], { counts }: ProfileDialect): string[] {
  const hours = counts === 'power' ? QUARTERS_AN_HOUR / 3600 : 1 / 3600;
  return added.map((wattSeconds) => fixed(wattSeconds * hours, DIGITS));
}
