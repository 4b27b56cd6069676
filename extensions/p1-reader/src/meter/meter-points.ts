import type { Alarms, Device, PointInit } from '@smx-edge/extension-api';
import type { Log } from '@smx-edge/model';
import {
  P1_POINTS,
  SLOT_BLANK,
  SLOT_EMPTY,
  SLOT_OFF,
  SLOT_UNIT_ASSUMED,
  SLOT_VALUE,
  type P1Point,
  type P1Register,
  type P1Telegram,
} from '@smx-edge/protocols/p1';
import type { GuardLimit, RegisterGuard } from '../guard/register-guard.js';
import { timeOf, type Stamp } from './stamp.js';
import type { Values } from './values.js';

const ENERGIES: readonly (string | null)[] = ['Wh', 'varh', 'VAh'];
/** Registers without a name that are shown; what more a telegram prints is left out. */
const MOST_REGISTERS = 100;

export interface MeterPointsOptions {
  readonly device: Device;
  readonly guard: RegisterGuard;
  readonly alarms: Alarms;
  /** Most the connection carries, W. */
  readonly power: number;
  readonly log: Log;
  /** Whether the peak points are made elsewhere. */
  readonly withoutPeaks: boolean;
}

/** The points of the meter itself: declared when first seen, guarded, with a quality each. */
export class MeterPoints {
  /** By slot: 0 unknown, 1 declared, 2 never. */
  private readonly known = new Uint8Array(P1_POINTS.length);
  private readonly registers = new Map<string, 'number' | 'string'>();
  private readonly limit: GuardLimit;

  constructor(private readonly o: MeterPointsOptions) {
    // 10 Wh is the coarsest register in the field (DSMR 2.2)
    this.limit = { perHour: o.power, slack: 100 };
  }

  /** Adds what the telegram says. */
  add(values: Values, telegram: P1Telegram, stamp: Stamp): void {
    for (let i = 0; i < telegram.count; i++) {
      const slot = telegram.present[i]!;
      const point = P1_POINTS[slot]!;
      if (this.isKnown(point)) values[point.path] = this.value(telegram, point, stamp);
    }
    for (const register of telegram.registers) this.addRegister(values, register, stamp);
  }

  private isKnown(point: P1Point): boolean {
    const { slot, path } = point;
    if (this.known[slot] === 0) {
      const elsewhere = this.o.withoutPeaks && path.startsWith('peak/');
      this.known[slot] = elsewhere ? 2 : 1;
      if (!elsewhere) this.o.device.point(path, initOf(point));
    }
    return this.known[slot] === 1;
  }

  private value(telegram: P1Telegram, point: P1Point, stamp: Stamp): Values[string] {
    const { slot, type, unit, path } = point;
    const state = telegram.states[slot]!;
    if (state >= SLOT_OFF) {
      const reason = telegram.reason(slot) ?? 'not readable';
      return isKnownNull(path, state) ? { value: null, quality: stamp.quality, reason } : { value: null, reason };
    }
    if (type === 'string') return telegram.text(slot);
    const value = telegram.values[slot]!;
    const plain = state === SLOT_VALUE && stamp.quality === 'good';
    if (point.kind === 'counter' && ENERGIES.includes(unit)) {
      const guarded = this.guarded(path, value, stamp);
      if (guarded !== undefined) return guarded;
    }
    if (plain) return value;
    if (state === SLOT_UNIT_ASSUMED)
      return { value, quality: 'uncertain', reason: telegram.reason(slot) ?? 'unit not printed' };
    return flagged(value, stamp);
  }

  /** The sample to give instead, where the register is held. */
  private guarded(path: string, value: number, stamp: Stamp): Values[string] | undefined {
    const { guard, alarms, device } = this.o;
    const verdict = guard.check(path, { value, t: timeOf(stamp) }, this.limit);
    if (verdict.kind === 'held') {
      const text = `${verdict.reason}; held at ${verdict.value}`;
      alarms.set({ device, path }, 'register-held', { text, data: { value } });
      return { value: verdict.value, quality: 'uncertain', reason: verdict.reason };
    }
    alarms.set({ device, path }, 'register-held', undefined);
    if (verdict.kind === 'confirmed') {
      const text = `The register stays at its new level: ${verdict.before} before, ${verdict.value} now. Was the meter exchanged?`;
      alarms.once({ device, path }, 'register-level', {
        severity: 'warning',
        text,
        data: { before: verdict.before, value },
      });
    }
    return undefined;
  }

  private addRegister(values: Values, { path, obis, value, unit }: P1Register, stamp: Stamp): void {
    let type = this.registers.get(path);
    if (type === undefined) {
      if (value === null || this.registers.size >= MOST_REGISTERS) return;
      type = typeof value === 'number' ? 'number' : 'string';
      this.registers.set(path, type);
      this.o.log.info('register without a name', { obis, path });
      this.o.device.point(path, { type, unit, obis, kind: type === 'number' ? 'measurement' : 'text' });
    }
    if (value === null) values[path] = { value, reason: 'empty' };
    else if (typeof value !== type) values[path] = { value: null, reason: 'not readable' };
    else values[path] = stamp.quality === 'good' ? value : flagged(value, stamp);
  }
}

/** A limit that is switched off and a display without a message are states of the meter, no lack of data. */
function isKnownNull(path: string, state: number): boolean {
  return state === SLOT_OFF || ((state === SLOT_EMPTY || state === SLOT_BLANK) && /^message(\/|$)/.test(path));
}

function initOf({ unit, type, kind, obis, personal }: P1Point): PointInit {
  return { unit, type, kind, ...(obis !== undefined && { obis }), ...(personal && { personal }) };
}

function flagged(value: number | string, { quality, reason }: Stamp): Values[string] {
  return { value, quality, ...(reason !== undefined && { reason }) };
}
