import { integerAt, type JsonObject } from './json.js';
import { textAt } from './text.js';

export type InverterState =
  'starting' | 'running' | 'standby' | 'boot' | 'error' | 'idle' | 'ready' | 'sleeping' | 'unknown';

/** `StatusCode` of GetInverterInfo and DeviceStatus (Fronius Solar API V1); 0 to 6 are steps of the start. */
const STATES: Readonly<Record<number, InverterState>> = {
  ...{ 7: 'running', 8: 'standby', 9: 'boot', 10: 'error', 11: 'idle', 12: 'ready', 13: 'sleeping' },
};
const LAST_STEP = 6;
const NAMES: readonly string[] = Object.values(STATES);

/** How an inverter fares. */
export interface InverterStatus {
  readonly state: InverterState;
  /** As the device numbers it; undefined where it gives a word only. */
  readonly status?: number;
  /** Of the manufacturer's table; 0 = none. */
  readonly error?: number;
}

/** GEN24 firmwares write the code, `"Running"` in its place, or both. Undefined where nothing is said. */
export function inverterStatus(data: JsonObject): InverterStatus | undefined {
  const status = integerAt(data, 'StatusCode');
  const word = (textAt(data, 'InverterState') ?? textAt(data, 'StatusCode'))?.toLowerCase();
  if (status === undefined && word === undefined) return undefined;
  const error = integerAt(data, 'ErrorCode');
  return {
    state: status === undefined ? stateOfWord(word!) : stateOfCode(status),
    ...(status === undefined ? {} : { status }),
    ...(error === undefined ? {} : { error }),
  };
}

function stateOfCode(code: number): InverterState {
  return code >= 0 && code <= LAST_STEP ? 'starting' : (STATES[code] ?? 'unknown');
}

function stateOfWord(word: string): InverterState {
  return NAMES.includes(word) ? (word as InverterState) : 'unknown';
}
