import { LOAD_PHASES, type LoadPhase } from './load-window.js';
import type { KeptAppliance } from './known-appliance.js';

/** Appliances that are known at most. */
export const MOST_APPLIANCES = 64;
const LONGEST_NAME = 60;

/** What is learned, as JSON: at most some 16 kB. */
export interface KeptLoads {
  readonly version: 2;
  /** Number of the newest id. */
  readonly last: number;
  /** Whether an inverter holds the sum of the phases at zero; what was kept before that was looked at has none. */
  readonly isHeld?: boolean;
  /** The phase in which it does so, where it is one. */
  readonly inverter?: LoadPhase;
  readonly appliances: readonly KeptAppliance[];
}

/** What was kept, where it is sound; undefined where it is not, or of another version. */
export function checkedLoads(kept: unknown): KeptLoads | undefined {
  if (typeof kept !== 'object' || kept === null) return undefined;
  const {
    version,
    last,
    isHeld = false,
    inverter = 'l1',
    appliances,
  } = kept as Partial<Record<keyof KeptLoads, unknown>>;
  if (version !== 2 || !isCount(last) || typeof isHeld !== 'boolean') return undefined;
  if (!LOAD_PHASES.includes(inverter as LoadPhase)) return undefined;
  if (!Array.isArray(appliances) || appliances.length > MOST_APPLIANCES) return undefined;
  return appliances.every((one) => isAppliance(one, last)) ? (kept as KeptLoads) : undefined;
}

function isAppliance(one: unknown, last: number): boolean {
  if (typeof one !== 'object' || one === null) return false;
  const { id, name, phases, power, reactive, harmonics, lasting, longest, energy, ...counts } = one as Record<
    string,
    unknown
  >;
  // what was kept before these were counted has none
  const { runs, whole, ran = 0, doubtful = 0, lastSeen } = counts;
  return (
    typeof id === 'string' &&
    /^a[1-9]\d{0,8}$/.test(id) &&
    Number(id.slice(1)) <= last &&
    (name === null || (typeof name === 'string' && name.length <= LONGEST_NAME)) &&
    Array.isArray(phases) &&
    (phases.length === 1 || phases.length === 3) &&
    phases.every((phase) => LOAD_PHASES.includes(phase as never)) &&
    Number.isFinite(power) &&
    (power as number) > 0 &&
    Number.isFinite(reactive) &&
    Array.isArray(harmonics) &&
    harmonics.length === 3 &&
    harmonics.every(Number.isFinite) &&
    Number.isFinite(lasting) &&
    (lasting as number) > 0 &&
    Number.isFinite(longest) &&
    (longest as number) >= 0 &&
    Number.isFinite(energy) &&
    (energy as number) >= 0 &&
    isCount(runs) &&
    isCount(whole) &&
    Number.isFinite(ran) &&
    Number.isFinite(doubtful) &&
    (doubtful as number) >= 0 &&
    (ran as number) >= (doubtful as number) &&
    Number.isFinite(lastSeen)
  );
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
