import { obisSegment, parseObis, type PointValue } from '@smx-edge/model';
import { P1Decoder, type P1DecoderOptions, type P1Notice } from './decoder.js';
import type { P1FramerCounts } from './frame.js';
import { rowOf } from './obis-index.js';
import type { ObisRow } from './obis-row.js';
import { P1_POINTS, p1Slot } from './obis-table.js';
import type { P1Protection, P1Telegram, P1Verdict } from './telegram.js';
import { latin1 } from './bytes.js';
import { versionName } from './version.js';

export interface ExplainedLine {
  /** 1 is the line with the ident. */
  readonly line: number;
  readonly text: string;
  /** What the object is, null for a line that is none. */
  readonly meaning: string | null;
  /** Path below the meter where the object is a point of it. */
  readonly path: string | null;
  /** Value in the unit of the house. */
  readonly value: PointValue | undefined;
  readonly unit: string | null;
  /** What is wrong with the line, or why its value is null or flagged. */
  readonly problem: string | null;
}

export interface ExplainedTelegram {
  readonly ident: string;
  readonly version: string | null;
  readonly verdict: P1Verdict;
  readonly protection: P1Protection;
  readonly closedBy: P1Telegram['closedBy'];
  /** ms UTC, null where the telegram has no valid time. */
  readonly time: number | null;
  readonly lines: readonly ExplainedLine[];
}

export interface P1Explanation {
  readonly telegrams: readonly ExplainedTelegram[];
  readonly notices: readonly P1Notice[];
  /** What lay outside the telegrams. */
  readonly counts: Readonly<P1FramerCounts>;
}

/** Every telegram in a recording, line by line: what it means, or why it is bad. Never throws on input. */
export function explainTelegram(
  recording: Uint8Array,
  options: Omit<P1DecoderOptions, 'onTelegram' | 'onNotice'> = {},
): P1Explanation {
  const telegrams: ExplainedTelegram[] = [];
  const notices: P1Notice[] = [];
  const decoder = new P1Decoder({
    ...options,
    onTelegram: (telegram) => telegrams.push(explain(telegram)),
    onNotice: (notice) => notices.push(notice),
  });
  decoder.push(recording);
  decoder.flush();
  return { telegrams, notices, counts: decoder.counts };
}

function explain(telegram: P1Telegram): ExplainedTelegram {
  const objects = new Map(telegram.objects().map((object) => [object.line, object.obis]));
  const faults = new Map(telegram.badLines.map((bad) => [bad.line, bad.reason]));
  const bytes = telegram.bytes();
  const lines = latin1Lines(bytes).map((text, i): ExplainedLine => {
    const line = i + 1;
    const obis = objects.get(line);
    const fault = faults.get(line) ?? null;
    if (obis !== undefined && fault === null) return { line, text, ...meaningOf(telegram, obis) };
    const meaning = i === 0 ? 'Maker, baud character and type' : text === '!' ? 'End of the telegram' : null;
    return { line, text, meaning, path: null, value: undefined, unit: null, problem: fault };
  });
  const { ident, verdict, protection, closedBy } = telegram;
  const time = Number.isNaN(telegram.time) ? null : telegram.time;
  return { ident, version: versionName(telegram), verdict, protection, closedBy, time, lines };
}

function latin1Lines(bytes: Uint8Array): string[] {
  return Buffer.from(bytes)
    .toString('latin1')
    .split('\n')
    .map((line) => latin1(Buffer.from(line, 'latin1'), 0, line.length));
}

type Meaning = Omit<ExplainedLine, 'line' | 'text'>;

function rowOfCode(obis: string): ObisRow | undefined {
  const code = parseObis(obis);
  return code === undefined ? undefined : rowOf(Uint16Array.of(code.a, code.b, code.c, code.d, code.e, code.f), 0)?.row;
}

function meaningOf(telegram: P1Telegram, obis: string): Meaning {
  const row = rowOfCode(obis);
  const register = telegram.registers.find((each) => each.path === `obis/${obisSegment(obis)}`);
  if (row === undefined || register !== undefined) {
    const { path = null, value, unit = null } = register ?? {};
    return { meaning: row?.meaning ?? 'Register without a name', path, value, unit, problem: null };
  }
  if (row.path !== undefined) return pointMeaning(telegram, row, row.path);
  if (row.form.startsWith('mbus')) return subMeterMeaning(telegram, row, obis);
  const problem = row.form === 'clock' && Number.isNaN(telegram.time) ? 'no valid time' : null;
  return { meaning: row.meaning, path: null, value: undefined, unit: null, problem };
}

function pointMeaning(telegram: P1Telegram, row: ObisRow, path: string): Meaning {
  // a limiter is one of three points, by its unit
  const paths = row.form === 'limiter' ? [path, 'limiter/apparent', 'limiter/current'] : [path];
  const found = paths.find((each) => telegram.get(each) !== undefined) ?? path;
  const slot = p1Slot(found);
  const unit = P1_POINTS[slot]?.unit ?? null;
  return {
    meaning: row.meaning,
    path: found,
    value: telegram.get(found),
    unit,
    problem: telegram.reason(slot) ?? null,
  };
}

function subMeterMeaning(telegram: P1Telegram, row: ObisRow, obis: string): Meaning {
  const channel = Number(/^0-(\d+):/.exec(obis)?.[1] ?? 0);
  const meter = telegram.subMeters.find((each) => each.channel === channel);
  const reading = row.form === 'mbus-reading' || row.form === 'mbus-hourly' || row.form === 'mbus-plain';
  if (meter === undefined || !reading)
    return { meaning: row.meaning, path: null, value: undefined, unit: null, problem: null };
  const stale = meter.rank === 'stale' ? 'an older meter: another of this medium was read later' : null;
  return { meaning: row.meaning, path: null, value: meter.value, unit: meter.unit, problem: meter.reason ?? stale };
}
