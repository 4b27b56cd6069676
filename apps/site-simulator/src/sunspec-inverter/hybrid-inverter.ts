import type { Clock } from '@smx-edge/model';
import { decodeModel, modelOf } from '@smx-edge/protocols/sunspec';
import type { House } from '../house/index.js';
import { SunSpecChain, type PlacedModel } from './chain.js';
import { InverterControls } from './controls.js';
import { DatamanagerRegisters } from './datamanager.js';
import { commonModel, nameplate, settings, status } from './fixed-models.js';
import type { Flavour } from './flavour.js';
import type { InverterFault } from './inverter-faults.js';
import { InverterMeasures, type Measured } from './inverter-models.js';
import { meterMeasures } from './meter-model.js';
import { EXCEPTION, type ExceptionCode, type RegisterBank } from './modbus-pdu.js';

export interface InverterOptions extends Flavour {
  /** Models of floats where there are such, in place of integers with scale factors. */
  readonly isFloat: boolean;
  readonly serial: string;
  /** Most AC W; absent = what its plant or its battery needs. */
  readonly rating?: number;
  /** W that the battery's percentages are of; absent = the battery's power. */
  readonly chargeMax?: number;
  readonly gridCharge: boolean;
  /** Id of a model of which the second half can be neither read nor written, as some makes have them. */
  readonly hole?: number;
  readonly revert: 'message' | 'write';
}

type Struck = ReadonlyMap<InverterFault, number>;
type NumberedModel = readonly [id: number, measured: Measured];
interface View {
  readonly inverter: Measured;
  readonly trackers: Measured;
  readonly storage: Measured['values'];
  readonly meter: Measured;
}

const [INTEGERS, FLOATS] = [103, 113];
/** Where an inverter's measurements stand, and its state, from its id register on. */
const [MEASURED, STATE] = [2, 38];
const [RUNNING, FAULTY] = [4, 7];
/** Bits of `StActCtl` in model 122. */
const [FIXED_W, FIXED_VAR, FIXED_PF] = [1, 2, 4];

/** The house's PV and battery behind one inverter, with the meter at the connection, as registers by unit. */
export class HybridInverter {
  readonly controls: InverterControls;
  private readonly measures: InverterMeasures;
  private readonly datamanager: DatamanagerRegisters;
  private readonly shape: { isFloat: boolean };
  private readonly rating: number;
  private readonly chargeMax: number;
  /** What it measured last. */
  private last: { readonly t: number; readonly key: string; readonly view: View } | undefined;
  private reads = 0;
  /** Chains as they are until time passes or something is written, by unit. */
  private readonly built = new Map<number, { readonly of: readonly unknown[]; readonly chain: SunSpecChain }>();

  constructor(
    private readonly o: InverterOptions,
    private readonly house: House,
    clock: Clock,
  ) {
    const { battery, pv } = house;
    this.rating = Math.round((o.rating ?? Math.max(pv.nominal, battery?.nominal ?? 0)) / 10) * 10;
    this.chargeMax = o.chargeMax ?? battery?.nominal ?? 0;
    this.shape = { isFloat: o.isFloat };
    this.measures = new InverterMeasures(house);
    this.controls = new InverterControls({ ...o, house, clock, flavour: o, rating: this.rating, chargeMax: this.chargeMax }); // prettier-ignore
    this.datamanager = new DatamanagerRegisters({ house, measures: this.measures }, this.shape);
  }

  /** Registers of a unit as they are now, with what is wrong with them; the exception of all its answers, or undefined: it says nothing. */
  bank(unit: number, struck: Struck): RegisterBank | ExceptionCode | undefined {
    const { o } = this;
    this.controls.touch();
    if (unit !== o.unit && unit !== o.meterUnit) return o.stranger === 'exception' ? EXCEPTION.noTarget : undefined;
    if (unit === o.unit && this.isAsleep(struck) && o.night === 'exception') return EXCEPTION.noTarget;
    if (unit === o.unit && this.isAsleep(struck) && o.night === 'silence') return undefined;
    const chain = this.chainNow(unit, struck);
    const { datamanager } = this;
    const isOwn = (address: number): boolean => o.isDatamanager && address < o.base;
    return {
      read: (address, count) => {
        if (isOwn(address)) return datamanager.read(address, count);
        return (this.hides(chain.models, address, count) ? undefined : chain.read(address, count)) ?? EXCEPTION.address;
      },
      write: (address, words) => {
        if (struck.has('locked')) return EXCEPTION.failure;
        if (isOwn(address)) return datamanager.write(address, words);
        if (chain.read(address, words.length) === undefined || this.hides(chain.models, address, words.length))
          return EXCEPTION.address;
        return struck.has('ignore') ? undefined : this.write(chain.models, { address, words }, struck);
      },
    };
  }

  private hides(models: readonly PlacedModel[], address: number, count: number): boolean {
    const place = models.find(({ id }) => id === this.o.hole);
    if (place === undefined) return false;
    const [from, to] = [place.address + (place.words.length >> 1), place.address + place.words.length];
    return address < to && address + count > from;
  }

  private isAsleep(struck: Struck): boolean {
    return struck.has('sleep') || (this.o.night !== 'awake' && this.measures.isDark);
  }

  private chainNow(unit: number, struck: Struck): SunSpecChain {
    if (struck.size > 0) return this.chain(unit, struck);
    const of = [this.house.t, this.controls.values, this.shape.isFloat];
    const built = this.built.get(unit);
    if (built?.of.every((each, i) => each === of[i]) === true) return built.chain;
    const chain = this.chain(unit, struck);
    this.built.set(unit, { of, chain });
    return chain;
  }

  private chain(unit: number, struck: Struck): SunSpecChain {
    const { o } = this;
    const coarser = struck.has('scale') ? ++this.reads % 2 : 0;
    const models: NumberedModel[] = [];
    if (unit === o.unit) models.push(...this.inverterModels(struck));
    if (unit === o.meterUnit) models.push(...this.meterModels(struck));
    const chain = new SunSpecChain({ ...o, coarser }, models);
    const state = struck.has('null-frame') ? FAULTY : o.night === 'zeros' && this.isAsleep(struck) ? RUNNING : undefined; // prettier-ignore
    const inverter = chain.models.find(({ id }) => id === INTEGERS);
    if (state !== undefined && inverter !== undefined) chain.spoil(zeroed(inverter, state));
    return chain;
  }

  private inverterModels(struck: Struck): NumberedModel[] {
    const { o, house } = this;
    const { inverter, trackers, storage } = this.view(struck);
    const { values } = this.controls;
    const controls = (values['WMaxLim_Ena'] === 1 ? FIXED_W : 0) | (values['VArPct_Ena'] === 1 ? FIXED_VAR : 0) | (values['OutPFSet_Ena'] === 1 ? FIXED_PF : 0); // prettier-ignore
    const models: NumberedModel[] = [
      [1, commonModel(o, { serial: o.serial, unit: o.unit, isMeter: false })],
      [this.isFloat(struck) ? FLOATS : INTEGERS, inverter],
      [120, nameplate(house, this.rating, this.chargeMax)],
      [121, settings(this.rating)],
      [122, status(house, { produced: this.measures.produced, controls })],
      [123, { values, blocks: [] }],
      [160, trackers],
    ];
    if (house.battery === undefined) return models;
    const kept = Object.fromEntries(o.storage.map((name) => [name, values[name]!]));
    const rates = { WChaMax: this.chargeMax, WChaGra: 100, WDisChaGra: 100, VAChaMax_SF: null };
    return [...models, [124, { values: { ...kept, ...rates, ...storage }, blocks: [] }]];
  }

  private meterModels(struck: Struck): NumberedModel[] {
    const { o } = this;
    return [
      [1, commonModel(o, { serial: `${o.serial}-M`, unit: o.meterUnit, isMeter: true })],
      [this.isFloat(struck) ? 213 : 203, this.view(struck).meter],
    ];
  }

  private isFloat(struck: Struck): boolean {
    return this.shape.isFloat !== struck.has('model-type');
  }

  /** Measurements, as old as its kind lets them be. */
  private view(struck: Struck): View {
    const { house, measures, last, o } = this;
    const isAsleep = this.isAsleep(struck) && o.night === 'sleep';
    const hidesIdle = struck.has('idle-counter');
    const count = o.trackers + (struck.has('tracker') ? 1 : 0);
    const isFloat = this.isFloat(struck);
    const key = `${isAsleep} ${hidesIdle} ${count} ${isFloat}`;
    if (last?.key === key && house.t - last.t < o.refresh) return last.view;
    const view = {
      inverter: measures.inverter(isAsleep),
      trackers: measures.trackers({ count, name: o.trackerName, withStorage: o.storesInTrackers, isAsleep, hidesIdle }),
      storage: measures.storage(this.controls.values['Conn'] === 1),
      meter: meterMeasures(house, isFloat ? 1 : 100),
    };
    this.last = { t: house.t, key, view };
    return view;
  }

  private write(
    models: readonly PlacedModel[],
    { address, words }: { readonly address: number; readonly words: readonly number[] },
    struck: Struck,
  ): ExceptionCode | undefined {
    const taken: Record<string, number> = {};
    let refused: ExceptionCode | undefined;
    for (const [i, word] of words.entries()) {
      const place = models.find((each) => address + i < each.address + each.words.length)!;
      const offset = address + i - place.address;
      const name = modelOf(place.id)!.fields.find((field) => field.offset === offset)?.name;
      // what it does not take it passes over, without an exception
      if (name === undefined || !this.controls.takes(place.id, name)) continue;
      const value = valueOf(place, { name, offset, word });
      if (!this.controls.fits(name, value)) {
        refused = EXCEPTION.value;
        break;
      }
      taken[name] = value!;
    }
    const isTaken = this.controls.write(taken, struck.has('clamp'));
    return refused ?? (isTaken || this.o.window === 'ignored' ? undefined : EXCEPTION.value);
  }
}

/** What a field of a model means once this word is in it. */
function valueOf(
  place: PlacedModel,
  { name, offset, word }: { readonly name: string; readonly offset: number; readonly word: number },
): number | undefined {
  const decoded = decodeModel(place, place.words.with(offset, word));
  const value = 'fault' in decoded ? null : decoded.fields[name]?.value;
  return typeof value === 'number' ? value : undefined;
}

/** The inverter's model as solar-net time-outs leave it. */
function zeroed(place: PlacedModel, state: number): PlacedModel {
  const words = place.words.map((word, i) => (i < MEASURED || i > STATE ? word : i === STATE ? state : 0));
  return { ...place, words };
}
