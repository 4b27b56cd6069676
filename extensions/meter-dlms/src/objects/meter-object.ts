/** An object of a meter, as its object list names it. */
export interface MeterObject {
  readonly classId: number;
  readonly version: number;
  /** OBIS code `1-0:1.8.0`, with `*F` where F is not 255. */
  readonly obis: string;
  /** Base short name; absent where the meter is read by logical names. */
  readonly base?: number;
}

/** Interface classes that are read (Blue Book §4). */
export const CLASS = {
  data: 1,
  register: 3,
  extendedRegister: 4,
  demandRegister: 5,
  profile: 7,
  clock: 8,
  associationSn: 12,
  associationLn: 15,
  pushSetup: 40,
} as const;

/** The object by which a meter tells its others: the present association, which stands at FA00 by short names. */
export const OBJECT_LIST: Readonly<Record<'ln' | 'sn', MeterObject>> = {
  ln: { classId: CLASS.associationLn, version: 1, obis: '0-0:40.0.0' },
  sn: { classId: CLASS.associationSn, version: 2, obis: '0-0:40.0.0', base: 0xfa00 },
};

/** Attribute in which a class keeps its scaler and unit; undefined where it has none. */
export function scalerAttribute(classId: number): number | undefined {
  if (classId === CLASS.register || classId === CLASS.extendedRegister) return 3;
  return classId === CLASS.demandRegister ? 4 : undefined;
}

/** Attributes that the classes which are read have (Blue Book §4). */
const ATTRIBUTES: ReadonlyMap<number, number> = new Map([
  [CLASS.data, 2],
  [CLASS.register, 3],
  [CLASS.extendedRegister, 5],
  [CLASS.demandRegister, 9],
  [CLASS.profile, 8],
  [CLASS.clock, 9],
  [CLASS.associationSn, 4],
  [CLASS.pushSetup, 7],
]);

/** Whether an attribute may be asked for by its short name: behind the last one the methods stand, and reading one calls it. */
export function isAttribute(classId: number, attribute: number): boolean {
  return attribute >= 1 && attribute <= (ATTRIBUTES.get(classId) ?? 0);
}
