/** How the meters of one maker write what others write otherwise. */
export interface Dialect {
  /** Three letters of the FLAG association; a small third one means that it answers after 20 ms, not 200. */
  readonly manufacturer: string;
  /** Characters behind `\` in its identification, besides that of mode E. */
  readonly escapes: readonly string[];
  /** Type and firmware. */
  readonly text: string;
  /** Before and behind the codes of its registers, as `1-0:` and `*255`; before those of its own things (`C.`, `F.`), as `0-0:`. */
  readonly before: string;
  readonly behind: string;
  readonly own: string;
  /** What marks values of past months: `*01` or `&01`. */
  readonly stored: '*' | '&';
  /** Its clock: `16:40:56` and `26-01-15`, `164056` and `260115`, or those with the season before them. */
  readonly clock: 'written' | 'packed' | 'season';
  /** Digits and decimals of energies, kWh. */
  readonly energy: readonly [digits: number, decimals: number];
  /** Whether it repeats the address that it was asked for. */
  readonly isNaming: boolean;
  /** What it asks for a password with. */
  readonly operand: string;
  /** What it says to a wrong one. */
  readonly refusal: 'error' | 'nak' | 'break';
  /** What it says where it has no such address. */
  readonly unknown: string;
  readonly profile: ProfileDialect;
}

/** How a load profile is written: under headings, or with a date in each row. */
export interface ProfileDialect {
  readonly layout: 'headed' | 'dated';
  /** Import, export, reactive import and export. */
  readonly channels: readonly [string, string, string, string];
  /** Mean power of the quarter hour, kW, or what it added, kWh. */
  readonly counts: 'power' | 'energy';
  /** Digits of the status. */
  readonly status: 2 | 8;
}

const DEMAND = ['1.5', '2.5', '3.5', '4.5'] as const;

const LANDIS_GYR: Dialect = {
  ...{ manufacturer: 'LGZ', escapes: [], text: 'ZMD3104100.B14' },
  ...{ before: '', behind: '', own: '', stored: '*', clock: 'written', energy: [8, 2] },
  ...{ isNaming: false, operand: 'BE00B600', refusal: 'error', unknown: 'ERROR06' },
  profile: { layout: 'headed', channels: DEMAND, counts: 'power', status: 2 },
};

/** VDEW style, shared by the meters of German makers. */
const VDEW: Dialect = {
  ...LANDIS_GYR,
  ...{ manufacturer: 'EMH', escapes: ['@'], text: '01LZQJL0013F' },
  ...{ before: '1-1:', own: '1-1:', stored: '&', clock: 'season', energy: [9, 3] },
  ...{ isNaming: true, operand: '00000000', unknown: 'ERROR01' },
  profile: { layout: 'headed', channels: ['1-1:1.5', '1-1:2.5', '1-1:3.5', '1-1:4.5'], counts: 'power', status: 8 },
};

/**
 * The families of issue and pilot sites. Letters, types and forms as public readouts show them; where none was found, as the
 * standard has it. A real meter of each may differ.
 */
export const DIALECTS = {
  generic: { ...LANDIS_GYR, manufacturer: 'SMX', text: 'HOUSE', isNaming: true, operand: '00000000' },
  'landis-gyr': LANDIS_GYR,
  emh: VDEW,
  elster: { ...VDEW, manufacturer: 'ELS', text: 'V9.30 ', before: '', own: '', stored: '*', refusal: 'break' },
  iskraemeco: {
    ...LANDIS_GYR,
    ...{ manufacturer: 'ISk', text: 'MT174-0001' },
    ...{ before: '1-0:', behind: '*255', own: '0-0:', clock: 'packed', energy: [10, 3] },
    ...{ isNaming: true, operand: '00000000', refusal: 'nak', unknown: 'ERROR02' },
    profile: { layout: 'headed', channels: ['1-0:1.5.0', '1-0:2.5.0', '1-0:3.5.0', '1-0:4.5.0'], counts: 'power', status: 8 }, // prettier-ignore
  },
  metcom: {
    ...VDEW,
    ...{ manufacturer: 'MCS', text: 'V0050710' },
    profile: { layout: 'headed', channels: ['1-1:1.29', '1-1:2.29', '1-1:3.29', '1-1:4.29'], counts: 'energy', status: 8 }, // prettier-ignore
  },
  turkish: {
    ...LANDIS_GYR,
    ...{ manufacturer: 'TRK', text: 'HOUSE', clock: 'written', energy: [9, 3], isNaming: true, operand: '00000000' },
    profile: { layout: 'dated', channels: DEMAND, counts: 'energy', status: 2 },
  },
} as const satisfies Readonly<Record<string, Dialect>>;

export type DialectName = keyof typeof DIALECTS;
export const DIALECT_NAMES = Object.keys(DIALECTS) as readonly DialectName[];
