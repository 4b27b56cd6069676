/**
 * How an inverter answers while it has neither sun nor anything to do for a battery: as ever (`awake`), with values that are not
 * implemented and state 2 (`sleep`), with exception 11, not at all, or with zeros in the inverter model alone and a running state.
 */
export const NIGHTS = ['awake', 'sleep', 'exception', 'silence', 'zeros'] as const;

type InverterNight = (typeof NIGHTS)[number];

/** What one make of inverter shows and takes. Source: Fronius Modbus TCP & RTU, for GEN24/Tauro/Verto and for the Datamanager. */
export interface Flavour {
  readonly manufacturer: string;
  readonly model: string;
  readonly version: string;
  /** Unit ids of the inverter and of its meter; the same where the meter stands behind the inverter in one chain. */
  readonly unit: number;
  readonly meterUnit: number;
  readonly base: number;
  /** Trackers it has, with what they are called; the ways of the battery follow where it says `StCha`. */
  readonly trackers: number;
  readonly trackerName: 'MPPT' | 'String';
  /** Whether the two ways of the battery stand among the trackers, and trackers count their energy. */
  readonly storesInTrackers: boolean;
  /** Fields of model 124 that it takes; the others are not implemented. */
  readonly storage: readonly string[];
  /** An invalid window of rates gets exception 3, or an answer as if it was taken. */
  readonly window: 'refused' | 'ignored';
  readonly night: InverterNight;
  /** A unit nobody has: no answer, or exception 11. */
  readonly stranger: 'silence' | 'exception';
  /** Whether the common model has its pad, and the chain an end model. */
  readonly hasPad: boolean;
  readonly hasEnd: boolean;
  /** ms for which measurements stay as they were. */
  readonly refresh: number;
  /** Whether register 216 chooses int+SF or float, and 500 to 513 tell of the whole site. */
  readonly isDatamanager: boolean;
}

const STORAGE = ['StorCtl_Mod', 'MinRsvPct', 'OutWRte', 'InWRte', 'ChaGriSet'];

const GEN24: Flavour = {
  manufacturer: 'Fronius',
  model: 'Symo GEN24 5.0 Plus',
  version: '1.39.5-1',
  unit: 1,
  meterUnit: 200,
  base: 40_000,
  trackers: 2,
  trackerName: 'MPPT',
  storesInTrackers: true,
  storage: [...STORAGE, 'VAChaMax', 'InOutWRte_RvrtTms'],
  window: 'refused',
  night: 'sleep',
  stranger: 'silence',
  hasPad: false,
  hasEnd: true,
  refresh: 0,
  isDatamanager: false,
};

export const FLAVOURS = {
  gen24: GEN24,
  verto: { ...GEN24, model: 'Verto 17.5 Plus', trackers: 3 },
  datamanager: {
    ...GEN24,
    model: 'Symo Hybrid 5.0-3-S',
    version: '0.3.22.2',
    meterUnit: 240,
    trackerName: 'String',
    storesInTrackers: false,
    storage: STORAGE,
    window: 'ignored',
    night: 'exception',
    stranger: 'exception',
    refresh: 10_000,
    isDatamanager: true,
  },
  /** Of no make in particular: inverter and meter behind one unit, each with a common block, and no end model. */
  generic: {
    ...GEN24,
    manufacturer: 'Example',
    model: 'Hybrid 5',
    version: '4.2',
    meterUnit: 1,
    base: 50_000,
    night: 'awake',
    hasPad: true,
    hasEnd: false,
  },
} as const satisfies Readonly<Record<string, Flavour>>;

export type FlavourName = keyof typeof FLAVOURS;
export const FLAVOUR_NAMES = Object.keys(FLAVOURS) as readonly FlavourName[];
