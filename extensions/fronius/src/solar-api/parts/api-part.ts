import type { SunSpecPoint } from '@smx-edge/extension-api/sunspec';
import type { MeterPlace } from '@smx-edge/protocols/solar-api';

/** One device as the Solar API tells of it, in part or whole. */
export interface ApiPart {
  readonly kind: 'inverter' | 'pv' | 'battery' | 'meter' | 'ohmpilot';
  /** Number within its kind; of an inverter its number on the logger. */
  readonly number: string;
  /** All numbers it goes by: the plate and the `UniqueID` of an inverter may differ. The first is shown. */
  readonly serials: readonly string[];
  readonly manufacturer?: string;
  readonly model?: string;
  /** Of a meter. */
  readonly place?: MeterPlace;
  readonly location?: number;
  readonly points: readonly SunSpecPoint[];
}
