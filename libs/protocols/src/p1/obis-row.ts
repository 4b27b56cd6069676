import type { PointKind } from '@smx-edge/model';

/** How the groups of an object are read. */
export type RowForm =
  | 'number'
  | 'text'
  | 'octets'
  | 'time'
  | 'switch'
  | 'limiter'
  | 'peak-month'
  | 'peak-history'
  | 'failure-log'
  | 'fuse-pair'
  | 'dsmr-version'
  | 'emucs-version'
  | 'clock'
  | 'mbus-type'
  | 'mbus-id'
  | 'mbus-ean'
  | 'mbus-reading'
  | 'mbus-hourly'
  | 'mbus-valve'
  | 'mbus-plain'
  | 'mbus-dated';

/** One object a telegram may hold. */
export interface ObisRow {
  /** `n` for B stands for any M-Bus channel or relay, 1 to 15. */
  readonly code: string;
  readonly form: RowForm;
  /** Path below the meter device; absent where the object becomes something else than a point of the meter. */
  readonly path?: string;
  /** Unit as printed, taken too where a meter leaves it out. */
  readonly unit?: string;
  readonly kind?: PointKind;
  /** Whether a negative number is plausible. */
  readonly signed?: boolean;
  /** Values, in the unit of the house, that mean "not active". */
  readonly off?: readonly number[];
  /** Where several objects give one point, the lowest wins. */
  readonly rank?: number;
  /** Names people: granted only by filters without wildcards. */
  readonly personal?: boolean;
  readonly meaning: string;
  /** Document that defines it, or the kind of meter it was seen on. */
  readonly source: string;
}

export const DSMR = 'DSMR P1 2.2 to 5.0.2 §6.12';
export const DSMR4 = 'DSMR P1 4.0 to 5.0.2 §6.12';
export const DSMR5 = 'DSMR P1 5.0.2 §6.12';
export const DSMR22 = 'DSMR P1 2.2 §5.9';
export const EMUCS = 'eMUCS-P1 1.3 to 2.1.1 §5';
export const EMUCS17 = 'eMUCS-P1 1.7.1 §5';
export const EMUCS21 = 'eMUCS-P1 2.1.1, from its published examples';
export const SMARTY = 'Luxembourg Smarty P1 1.1.3 §4';
export const SWEDEN = 'Swedish HAN 2.0, Aidon 1.7A';
export const HUNGARY = 'E.ON Hungary P1';
export const LITHUANIA = 'Lithuanian ESO data model';
export const ISRAEL = 'Israeli P1 meters';
export const SWISS = 'Swiss Iskra IE meters';
export const MODE_D = 'IEC 62056-21 mode D (German D0)';
export const XT211 = 'Sagemcom XT211';

export const PHASES = ['l1', 'l2', 'l3'] as const;

type Extra = Partial<Omit<ObisRow, 'code' | 'form' | 'meaning' | 'source'>>;

/** `[code, path, unit]` and `[meaning, source]`: a number in one bracket. */
export function number(
  [code, path, unit]: readonly [string, string, string],
  [meaning, source]: readonly [string, string],
  extra: Extra = {},
): ObisRow {
  return { code, path, unit, form: 'number', kind: 'measurement', meaning, source, ...extra };
}

/** The same quantity of the three phases; C rises by 20 from phase to phase (IEC 62056-61). */
export function perPhase(row: ObisRow): ObisRow[] {
  return PHASES.map((phase, i) => ({
    ...row,
    code: row.code.replace(/:(\d+)/, (_, c: string) => `:${Number(c) + 20 * i}`),
    ...(row.path === undefined ? {} : { path: row.path.replace('l1', phase) }),
    meaning: `${row.meaning} ${phase.toUpperCase()}`,
  }));
}
