import { SmxError } from '@smx-edge/model';
import { decodeDateTime, localTime, utcOf, utcTime, type CosemDateTime, type Data } from '../cosem/index.js';
import type { CaptureObject } from './selector.js';

/** A row of a profile with nothing left out. */
export interface ProfileRow {
  /** ms UTC. Undefined where the row has no clock that can be understood, or the clock no deviation. */
  readonly t: number | undefined;
  /** ms of local time read as UTC, for clocks without a deviation; the repeated hour cannot be told apart by it. */
  readonly local: number | undefined;
  /** Byte of the clock status; undefined where this row carries none of its own, 0xff where its clock cannot be understood. */
  readonly clockStatus: number | undefined;
  /** One for each column. Null-data where the meter gave none, and at the clock of a row whose time follows from the row before. */
  readonly values: readonly Data[];
}

/** A row of another shape than its profile has, or whose values were to be those of such a row before it. */
export interface BrokenRow {
  /** By its own clock, ms UTC; undefined where none stands in its place. */
  readonly t: number | undefined;
  readonly broken: Data;
}

export interface ProfileShape {
  readonly columns: readonly CaptureObject[];
  /** s; 0 where rows are kept by event. */
  readonly period: number;
}

const CLOCK = 8;
/** Of a clock status: not specified (IEC 62056-6-2 §4.1.6.1). */
const UNSPECIFIED = 0xff;

/**
 * Rows of a buffer (IEC 62056-6-2 §4.3.6): null-data is the value of the row before, of the clock one period later in UTC,
 * so that a change of clocks moves nothing; of a profile by event the same time. Throws SMX_PROTOCOL_APDU for a buffer of another shape.
 */
export function profileRows(buffer: Data, shape: ProfileShape): ProfileRow[] {
  return looseRows(buffer, shape).map((row) =>
    'broken' in row ? refuse(`a row that is no structure of ${shape.columns.length} columns`) : row,
  );
}

/** The same with what is no row of it in its place. Throws SMX_PROTOCOL_APDU for what is no list of rows. */
export function looseRows(buffer: Data, { columns, period }: ProfileShape): (ProfileRow | BrokenRow)[] {
  if (buffer.type !== 'array' && buffer.type !== 'compact-array') refuse(`a profile that is ${buffer.type}`);
  const clock = columns.findIndex(({ classId, attribute }) => classId === CLOCK && attribute === 2);
  const rows: (ProfileRow | BrokenRow)[] = [];
  for (const data of buffer.value) rows.push(rowOf(data, { count: columns.length, clock, period }, rows.at(-1)));
  return rows;
}

function rowOf(
  data: Data,
  { count, clock, period }: { count: number; clock: number; period: number },
  before: ProfileRow | BrokenRow | undefined,
): ProfileRow | BrokenRow {
  if (data.type !== 'structure' || data.value.length !== count) return brokenRow(data, clock);
  const isOrphan = before !== undefined && 'broken' in before;
  const last = isOrphan ? undefined : before;
  const values = filled(data.value, { last, isOrphan, clock });
  if (values === undefined) return brokenRow(data, clock);
  if (clock < 0) return { t: undefined, local: undefined, clockStatus: undefined, values };
  const own = values[clock]!;
  if (own.type !== 'null-data') {
    const time = timeOf(own);
    if (time === undefined) return { t: undefined, local: undefined, clockStatus: UNSPECIFIED, values };
    const local = localTime(time);
    return { t: utcOf(time, local), local, clockStatus: time.status.raw, values };
  }
  const later = (at: number | undefined): number | undefined => (at === undefined ? undefined : at + period * 1000);
  return { t: later(last?.t), local: later(last?.local), clockStatus: undefined, values };
}

/** The values of a row with those of the row before for null-data; undefined where there are none that could be meant. */
function filled(
  own: readonly Data[],
  { last, isOrphan, clock }: { last: ProfileRow | undefined; isOrphan: boolean; clock: number },
): readonly Data[] | undefined {
  if ((last === undefined && !isOrphan) || !own.some(isNull)) return own;
  const values: Data[] = [];
  for (const [i, value] of own.entries()) {
    if (!isNull(value)) values.push(value);
    else if (last === undefined) return undefined;
    else values.push(i === clock ? value : last.values[i]!);
  }
  return values;
}

const isNull = ({ type }: Data): boolean => type === 'null-data';

function brokenRow(data: Data, clock: number): BrokenRow {
  const own = data.type === 'structure' ? data.value[clock] : undefined;
  const time = own && timeOf(own);
  return { t: time && utcTime(time), broken: data };
}

function timeOf(data: Data): CosemDateTime | undefined {
  return data.type === 'octet-string' || data.type === 'date-time' ? decodeDateTime(data.value) : undefined;
}

function refuse(what: string): never {
  throw new SmxError('SMX_PROTOCOL_APDU', `The profile cannot be understood: ${what}`);
}
