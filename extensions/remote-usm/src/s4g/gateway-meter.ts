import type { Alarms, Device, SampleValue, SmxContext } from '@smx-edge/extension-api';
import { obisSegment, type PointKind, type Unit } from '@smx-edge/model';
import type { ObisMessage, ObisReading } from '@smx-edge/protocols/obis-json';
import { nameOf, printedRegister } from '@smx-edge/protocols/obis-points';
import { DevicePresence, type Away } from '../reading/presence.js';
import type { S4gSettings } from '../settings.js';
import { Register, type Coming } from './register.js';

/** Registers that are shown; what more a gateway tells is left out. */
const MOST = 300;

interface Shown {
  readonly path: string;
  readonly unit: Unit | null;
  readonly kind: PointKind;
  readonly register: Register;
  maxAge: number;
}

/** The meter of an SMXCore as a device of this box. */
export class GatewayMeter {
  /** As this box has it. */
  readonly device: Device;
  private readonly presence: DevicePresence;
  private readonly shown = new Map<string, Shown>();
  private readonly paths = new Set<string>();

  constructor(
    smx: Pick<SmxContext, 'device'>,
    alarms: Alarms,
    private readonly settings: S4gSettings,
  ) {
    // second hand, as all that another box told of
    this.device = smx.device(`${settings.prefix}-pcc`, { kind: 'remote-meter', manufacturer: 'SMXCore' });
    this.presence = new DevicePresence(this.device, alarms);
  }

  get name(): string {
    return this.device.name;
  }

  get size(): number {
    return this.shown.size;
  }

  /** ms without news after which it is silent. */
  get maxAge(): number {
    const ages = [...this.shown.values()].map(({ register }) => register.pace.maxAge);
    return Math.min(...ages, Infinity);
  }

  /** Tells what of a message is new; whether anything fresh is. */
  take({ readings }: ObisMessage, how: Omit<Coming, 'isBehind'>): boolean {
    const isBehind = readings.some(({ before }) => before !== undefined);
    const values: Record<string, SampleValue> = {};
    for (const reading of readings) {
      const shown = this.shownOf(reading);
      const sample = shown?.register.take(reading, { ...how, isBehind });
      if (shown === undefined || sample === undefined) continue;
      this.declare(shown, reading.obis);
      values[shown.path] = sample;
    }
    const told = Object.values(values);
    if (told.length > 0) this.device.set(values);
    return told.some(({ quality }) => quality !== 'stale');
  }

  present(away: Away | undefined): void {
    this.presence.tell(true, away);
  }

  private shownOf({ obis }: ObisReading): Shown | undefined {
    const known = this.shown.get(obis);
    if (known !== undefined || this.shown.size >= MOST) return known;
    const { path, unit, kind } = nameOf(obis) ?? { path: `obis/${obisSegment(obis)}`, unit: null, kind: 'measurement' };
    // the same register of another channel gives no second point
    if (this.paths.has(path)) return undefined;
    this.paths.add(path);
    const { zone, ratio, interval } = this.settings;
    const isSigned = printedRegister(obis)?.isSigned ?? true;
    const shown = { path, unit, kind, register: new Register({ zone, ratio, interval, unit, isSigned }), maxAge: 0 };
    this.shown.set(obis, shown);
    return shown;
  }

  private declare(shown: Shown, obis: string): void {
    const { maxAge } = shown.register.pace;
    if (shown.maxAge === maxAge) return;
    shown.maxAge = maxAge;
    const { path, unit, kind } = shown;
    this.device.point(path, { unit, kind, obis, maxAge });
  }
}
