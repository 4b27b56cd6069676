import type { Device, PointInit, SampleValue } from '@smx-edge/extension-api';
import { formatObis, obisSegment, parseObis, type PointValue, type Unit, type Zone } from '@smx-edge/model';
import { decodeAddress, decodeStamp, obisOf, type Address, type DataSet } from '@smx-edge/protocols/iec62056-21';
import { printedRegister, type PrintedRegister } from '@smx-edge/protocols/obis-points';
import { Derivations } from './derivations.js';
import { stampTime } from './meter-stamp.js';
import { namedValue, plainValue } from './printed-value.js';
import { isClock } from './readout-clock.js';

/** Registers without a name that are shown; what more a meter prints is left out. */
const MOST_REGISTERS = 100;

export interface ReadoutPointsOptions {
  readonly device: Device;
  readonly zone: Zone;
  /** Addresses by path, besides those that every meter names alike. */
  readonly asked: Readonly<Record<string, string>>;
}

/** How values of a reading are to be taken. */
export interface Taking {
  /** Time without news after which they are stale, ms. */
  readonly maxAge: number;
  /** The meter's own time, ms UTC. */
  readonly t?: number;
  /** Why the values are uncertain, where they are. */
  readonly doubt?: string;
}

interface Found {
  readonly sample: SampleValue;
  readonly rank: number;
  readonly init: PointInit;
}

/** Data sets of a meter as points of its device: named as on every port of a meter, else by their code. */
export class ReadoutPoints {
  private readonly declared = new Map<string, PointInit & { readonly maxAge: number }>();
  private readonly asked: ReadonlyMap<string, string>;
  private readonly derivations: Derivations;
  private registers = 0;
  /** Paths that had a value. */
  private readonly given = new Set<string>();

  constructor(private readonly o: ReadoutPointsOptions) {
    this.asked = new Map(Object.entries(o.asked).map(([path, address]) => [keyOf(address), path]));
    this.derivations = new Derivations((path, like, maxAge) => {
      const { unit = null, kind } = this.declared.get(like) ?? {};
      this.declare(path, { unit, ...(kind !== undefined && { kind }) }, maxAge);
    });
  }

  /** Gives the values of one reading as one batch. */
  take(sets: readonly DataSet[], taking: Taking): void {
    const found = new Map<string, Found>();
    for (const set of sets) for (const [path, one] of this.read(set)) keepBest(found, path, one);
    const values: Record<string, PointValue | SampleValue> = {};
    for (const [path, { sample, init }] of found) {
      // what was never there need not be told to be missing
      if (sample.value === null && !this.declared.has(path)) continue;
      this.declare(path, init, taking.maxAge);
      values[path] = this.fitting(path, sample, taking);
      if (sample.value !== null) this.given.add(path);
    }
    this.derivations.add(values, taking.maxAge);
    this.o.device.set(values, taking.t === undefined ? {} : { t: taking.t });
  }

  /** An address that gives nothing alone, and why; many meters show it in their readout all the same. */
  missing(address: string, reason: string, maxAge: number): void {
    const decoded = decodeAddress(address);
    const register = decoded && printedRegister(obisOf(decoded));
    const path = this.asked.get(keyOf(address)) ?? register?.path ?? (decoded && segmentOf(decoded));
    if (path === undefined || this.given.has(path)) return;
    this.declare(path, initOf(register, decoded), maxAge);
    this.o.device.set({ [path]: { value: null, reason } });
  }

  private read(set: DataSet): [string, Found][] {
    const address = decodeAddress(set.address);
    const askedPath = this.asked.get(keyOf(set.address));
    if (askedPath !== undefined) return this.askedFor(askedPath, set, address);
    // values of the past are none of now, and the clock is told as what it is off
    if (address === undefined || address.stored !== undefined || isClock(set.address)) return [];
    const register = printedRegister(obisOf(address));
    const sample = register && namedValue(set, register);
    if (register !== undefined && sample !== undefined)
      return [
        [register.path, { sample, rank: register.rank, init: initOf(register, address) }],
        ...this.at(register.path, set),
      ];
    const { sample: plain, unit } = plainValue(set);
    const isOther = register !== undefined && unit === null;
    if (isOther || !this.hasRoom(segmentOf(address))) return [];
    const path = segmentOf(address);
    return [[path, { sample: plain, rank: 0, init: plainInit(plain, { unit, obis: obisText(address) }) }], ...this.at(path, set)]; // prettier-ignore
  }

  private askedFor(path: string, set: DataSet, address: Address | undefined): [string, Found][] {
    const { sample, unit } = plainValue(set);
    const obis = address && obisText(address);
    return [[path, { sample, rank: -1, init: plainInit(sample, { unit, obis }) }], ...this.at(path, set)];
  }

  /** When something was highest stands behind it. */
  private at(path: string, { values }: DataSet): [string, Found][] {
    const [first, second] = values;
    const stamp = first?.unit === undefined || second === undefined ? undefined : decodeStamp(second.value.trim());
    if (stamp === undefined) return [];
    return [[`${path}/at`, { sample: { value: stampTime(stamp, this.o.zone) }, rank: 0, init: { type: 'time' } }]];
  }

  private hasRoom(path: string): boolean {
    return this.declared.has(path) || this.registers < MOST_REGISTERS;
  }

  private fitting(path: string, sample: SampleValue, { doubt }: Taking): SampleValue {
    const { type = 'number' } = this.declared.get(path)!;
    const is = typeof sample.value === 'string' ? 'string' : 'number';
    const wanted = type === 'string' ? 'string' : 'number';
    if (sample.value !== null && is !== wanted) return { value: null, reason: 'not readable' };
    if (doubt === undefined || sample.value === null || sample.quality !== undefined) return sample;
    return { ...sample, quality: 'uncertain', reason: doubt };
  }

  /** The first look at a register says what it is, the fastest reading how old it may be. */
  private declare(path: string, init: PointInit, maxAge: number): void {
    const known = this.declared.get(path);
    if (known !== undefined && known.maxAge <= maxAge) return;
    if (known === undefined && path.startsWith('obis/') && !path.endsWith('/at')) this.registers++;
    const own = { ...(known ?? init), maxAge };
    this.declared.set(path, own);
    this.o.device.point(path, own);
  }
}

function keepBest(found: Map<string, Found>, path: string, one: Found): void {
  const before = found.get(path);
  const isBetter = before === undefined || (before.sample.value === null && one.sample.value !== null);
  if (isBetter || (one.rank < before.rank && one.sample.value !== null)) found.set(path, one);
}

/** Addresses that are written otherwise are the same. */
function keyOf(address: string): string {
  const decoded = decodeAddress(address);
  return decoded === undefined ? address : `${obisOf(decoded)}${decoded.stored?.by ?? ''}`;
}

function obisText(address: Address): string {
  const code = parseObis(obisOf(address));
  return code === undefined ? obisOf(address) : formatObis(code);
}

const segmentOf = (address: Address): string => `obis/${obisSegment(obisText(address))}`;

function initOf(register: PrintedRegister | undefined, address: Address | undefined): PointInit {
  const obis = address && obisText(address);
  if (register === undefined) return { type: 'string', kind: 'text', ...(obis !== undefined && { obis }) };
  const { unit, type, kind, isPersonal } = register;
  return { unit, type, kind, personal: isPersonal, ...(obis !== undefined && { obis }) };
}

interface Plain {
  readonly unit: Unit | null;
  readonly obis: string | undefined;
}

function plainInit({ value }: SampleValue, { unit, obis }: Plain): PointInit {
  const shape: PointInit = typeof value === 'number' ? { type: 'number', unit } : { type: 'string', kind: 'text' };
  return { ...shape, ...(obis !== undefined && { obis }) };
}
