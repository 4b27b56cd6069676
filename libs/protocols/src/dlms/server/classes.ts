import type { Data } from '../../cosem/index.js';
import { meterObject, type MeterObject, type ObjectName } from './object.js';

type Value = Data | (() => Data);

/** Scaler and unit as a register says them (IEC 62056-6-2 §4.3.2, `scal_unit_type`). */
export interface ScalerUnit {
  /** Power of ten. */
  readonly scaler: number;
  /** Number of the unit: 27 W, 30 Wh, 33 A, 35 V. */
  readonly unit: number;
}

const scalerUnitData = ({ scaler, unit }: ScalerUnit): Data => ({
  type: 'structure',
  value: [
    { type: 'integer', value: scaler },
    { type: 'enum', value: unit },
  ],
});

/** Class 1. */
export function dataObject(at: ObjectName, value: Value): MeterObject {
  return meterObject(1, at, [value]);
}

/** Class 3. */
export function registerObject(at: ObjectName, { value, ...unit }: ScalerUnit & { value: Value }): MeterObject {
  return meterObject(3, at, [value, scalerUnitData(unit)]);
}

/** Class 4: a register with a status and when its value was taken. */
export function extendedRegisterObject(
  at: ObjectName,
  { value, status, captured, ...unit }: ScalerUnit & { value: Value; status: Value; captured: Value },
): MeterObject {
  return meterObject(4, at, [value, scalerUnitData(unit), status, captured]);
}

/** Class 5: an average of periods, each of `period` seconds. */
export function demandRegisterObject(
  at: ObjectName,
  fields: ScalerUnit & {
    current: Value;
    last: Value;
    status: Value;
    captured: Value;
    started: Value;
    period: number;
    periods: number;
  },
): MeterObject {
  const { current, last, status, captured, started, period, periods } = fields;
  return meterObject(5, at, [
    ...[current, last, scalerUnitData(fields), status, captured, started],
    { type: 'double-long-unsigned', value: period },
    { type: 'long-unsigned', value: periods },
  ]);
}

/** Class 8. `time`: a date-time in an octet string of twelve. `zone`: minutes to add to local time to get UTC. */
export function clockObject(
  at: ObjectName,
  fields: { time: Value; zone: number; status: Value; dstBegin: Value; dstEnd: Value; dstDeviation: number },
): MeterObject {
  const { time, zone, status, dstBegin, dstEnd, dstDeviation } = fields;
  return meterObject(8, at, [
    ...[time, { type: 'long', value: zone } as const, status, dstBegin, dstEnd],
    { type: 'integer', value: dstDeviation },
    { type: 'boolean', value: dstDeviation !== 0 },
    // internal crystal
    { type: 'enum', value: 1 },
  ]);
}

/** Class 40: what is sent unasked, and where to. */
export function pushSetupObject(
  at: ObjectName,
  fields: { list: Value; destination: Value; window: Value; randomisation: number; retries: number; delay: number },
): MeterObject {
  const { list, destination, window, randomisation, retries, delay } = fields;
  return meterObject(40, at, [
    ...[list, destination, window],
    { type: 'long-unsigned', value: randomisation },
    { type: 'unsigned', value: retries },
    { type: 'long-unsigned', value: delay },
  ]);
}

/** Class 64: policy and suite, never the keys. */
export function securitySetupObject(
  at: ObjectName,
  { policy, suite, client, server }: { policy: number; suite: number; client: Uint8Array; server: Uint8Array },
): MeterObject {
  return meterObject(64, at, [
    { type: 'enum', value: policy },
    { type: 'enum', value: suite },
    { type: 'octet-string', value: client },
    { type: 'octet-string', value: server },
  ]);
}

/** Class 70, its state alone: 0 disconnected, 1 connected, 2 ready. */
export function disconnectControlObject(
  at: ObjectName,
  { output, state, mode }: { output: () => boolean; state: () => number; mode: number },
): MeterObject {
  return meterObject(70, at, [
    () => ({ type: 'boolean', value: output() }),
    () => ({ type: 'enum', value: state() }),
    { type: 'enum', value: mode },
  ]);
}
