/** What a field is here; the sign turns what a device counts as produced into the load convention of the house. */
interface FieldPoint {
  readonly path: string;
  readonly sign?: -1;
}

export type FieldPoints = Readonly<Record<string, FieldPoint>>;

const ELECTRIC: FieldPoints = {
  ...{ AphA: { path: 'current/l1' }, AphB: { path: 'current/l2' }, AphC: { path: 'current/l3' } },
  ...{ PhVphA: { path: 'voltage/l1' }, PhVphB: { path: 'voltage/l2' }, PhVphC: { path: 'voltage/l3' } },
  Hz: { path: 'frequency' },
  VA: { path: 'power/apparent' },
};

/** An inverter counts what it gives as positive (SunSpec Inverter Models 1.2). */
const INVERTER: FieldPoints = {
  ...ELECTRIC,
  ...{ PPVphAB: { path: 'voltage/l1-l2' }, PPVphBC: { path: 'voltage/l2-l3' }, PPVphCA: { path: 'voltage/l3-l1' } },
  W: { path: 'power/active', sign: -1 },
  VAr: { path: 'power/reactive', sign: -1 },
  WH: { path: 'energy/active/export' },
};

/** A meter counts what is drawn as positive (SunSpec Meter Models 1.2). */
const METER: FieldPoints = {
  ...ELECTRIC,
  ...{ PhVphAB: { path: 'voltage/l1-l2' }, PhVphBC: { path: 'voltage/l2-l3' }, PhVphCA: { path: 'voltage/l3-l1' } },
  ...{ PPVphAB: { path: 'voltage/l1-l2' }, PPVphBC: { path: 'voltage/l2-l3' }, PPVphCA: { path: 'voltage/l3-l1' } },
  W: { path: 'power/active' },
  ...{ WphA: { path: 'power/active/l1' }, WphB: { path: 'power/active/l2' }, WphC: { path: 'power/active/l3' } },
  VAR: { path: 'power/reactive' },
  ...{ VARphA: { path: 'power/reactive/l1' }, VARphB: { path: 'power/reactive/l2' } },
  VARphC: { path: 'power/reactive/l3' },
  ...{ TotWhImp: { path: 'energy/active/import' }, TotWhExp: { path: 'energy/active/export' } },
};

/** Models of one kind of device, the integer ones and those in floating point alike. */
export const INVERTER_IDS: readonly number[] = [101, 102, 103, 111, 112, 113];
export const METER_IDS: readonly number[] = [201, 202, 203, 204, 211, 212, 213, 214];

/** What the fields of these models are; other models have rules of their own. */
export const FIELD_POINTS: ReadonlyMap<number, FieldPoints> = new Map([
  ...INVERTER_IDS.map((id): [number, FieldPoints] => [id, INVERTER]),
  ...METER_IDS.map((id): [number, FieldPoints] => [id, METER]),
]);
