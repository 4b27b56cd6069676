import { describeError, SmxError, type Log } from '@smx-edge/model';
import type { InstanceState } from '@smx-edge/extension-api';
import type { MeterProfile } from '../profile/meter-profile.js';
import { readOne, type Session } from './session.js';
import { CLASS, OBJECT_LIST, scalerAttribute, type MeterObject } from './meter-object.js';
import { objectsOf } from './object-list.js';
import { scalerUnitOf, textOf, type ScalerUnit } from './values.js';

/** Who the meter is; what is known of its objects holds for this one and no other. */
export interface Identity {
  readonly serial: string | null;
  readonly firmware: string | null;
}

/** What the box keeps of a meter between starts. JSON. */
interface Kept extends Identity {
  readonly version: 1;
  readonly objects: readonly (readonly [classId: number, version: number, obis: string, base: number | null])[];
  /** Scaler and unit by OBIS code; null where the meter gives none. */
  readonly units: Readonly<Record<string, readonly [scaler: number, unit: number] | null>>;
}

export type Progress = (share: number, text: string) => void;

/** Data-Access-Results that say nothing of the next time: hardware-fault, temporary-failure, other-reason. */
const PASSING: ReadonlySet<number> = new Set([1, 2, 250]);

/**
 * Objects of a meter with their scalers and units: read once, kept by serial number and firmware, because they differ by
 * type and firmware and a list has up to 300 of them.
 */
export class Catalogue {
  private readonly byCode = new Map<string, MeterObject>();
  private readonly units = new Map<string, ScalerUnit | null>();

  constructor(
    readonly identity: Identity,
    readonly objects: readonly MeterObject[],
  ) {
    for (const object of objects) if (!this.byCode.has(object.obis)) this.byCode.set(object.obis, object);
  }

  /** Undefined where the meter has none of this name. */
  find(obis: string): MeterObject | undefined {
    return this.byCode.get(obis);
  }

  /** Reads what is not known yet of these; values of classes without a unit have none. What may be told later is asked again. */
  async learnUnits(session: Session, objects: readonly MeterObject[], list: number): Promise<void> {
    const unknown = objects.filter(({ obis }) => !this.units.has(obis));
    for (let at = 0; at < unknown.length; at += list) {
      const part = unknown.slice(at, at + list);
      const asked = part.filter(({ classId }) => scalerAttribute(classId) !== undefined);
      const results =
        asked.length === 0
          ? []
          : await session.read(asked.map((object) => ({ object, attribute: scalerAttribute(object.classId)! })));
      for (const object of part) this.units.set(object.obis, null);
      for (const [i, { obis }] of asked.entries()) {
        const result = results[i];
        if (result !== undefined && 'data' in result) this.units.set(obis, scalerUnitOf(result.data) ?? null);
        else if (result === undefined || PASSING.has(result.error)) this.units.delete(obis);
      }
    }
  }

  /** Undefined before it was read, or where the meter gives none. */
  unit(obis: string): ScalerUnit | undefined {
    return this.units.get(obis) ?? undefined;
  }

  toJSON(): Kept {
    return {
      version: 1,
      ...this.identity,
      objects: this.objects.map(({ classId, version, obis, base }) => [classId, version, obis, base ?? null]),
      units: Object.fromEntries(
        [...this.units].map(([obis, unit]) => [obis, unit === null ? null : [unit.scaler, unit.code]]),
      ),
    };
  }

  static fromJSON({ serial, firmware, objects, units }: Kept): Catalogue {
    const catalogue = new Catalogue(
      { serial, firmware },
      objects.map(([classId, version, obis, base]) => ({ classId, version, obis, ...(base !== null && { base }) })),
    );
    for (const [obis, unit] of Object.entries(units))
      catalogue.units.set(obis, unit === null ? null : { scaler: unit[0], code: unit[1] });
    return catalogue;
  }
}

/** The catalogue of the meter at the other end: as kept where that is of this meter, else read from it. */
export async function catalogueOf(
  session: Session,
  { key, state, profile, log, progress }: CatalogueOptions,
): Promise<Catalogue> {
  const kept = await state.get<Kept>(key);
  // by the list of a meter that does not say who it is, another in its place would be read by wrong names and scalers
  if (kept?.version === 1 && kept.serial !== null) {
    const known = Catalogue.fromJSON(kept);
    const identity = await identityOf(session, known.objects, profile);
    if (identity.serial === known.identity.serial && identity.firmware === known.identity.firmware) return known;
    log.info('another meter or firmware than before', { was: known.identity, is: identity });
  }
  progress?.(0, 'reading the object list');
  const { objects, skipped } = objectsOf(await readOne(session, { object: OBJECT_LIST[profile.referencing], attribute: 2 })); // prettier-ignore
  if (objects.length === 0)
    throw new SmxError('SMX_METER_OBJECT', 'The meter shows no objects to this client; check client and authentication'); // prettier-ignore
  if (skipped > 0) log.warn('entries of the object list are not as they should be', { skipped });
  return new Catalogue(await identityOf(session, objects, profile), objects);
}

export interface CatalogueOptions {
  readonly key: string;
  readonly state: InstanceState;
  readonly profile: MeterProfile;
  readonly log: Log;
  readonly progress?: Progress | undefined;
}

/** Writes the catalogue down; without it the next start reads the list again. */
export async function keep(catalogue: Catalogue, { key, state, log }: CatalogueOptions): Promise<void> {
  try {
    await state.set(key, catalogue.toJSON());
  } catch (error) {
    log.warn('the object list could not be kept', { error: describeError(error) });
  }
}

async function identityOf(session: Session, objects: readonly MeterObject[], profile: MeterProfile): Promise<Identity> {
  return {
    serial: await firstText(session, objects, profile.serial),
    firmware: await firstText(session, objects, profile.firmware),
  };
}

/** The first of these objects that holds a text. */
async function firstText(
  session: Session,
  objects: readonly MeterObject[],
  codes: readonly string[],
): Promise<string | null> {
  for (const code of codes) {
    const object = objects.find(({ obis, classId }) => obis === code && (classId === CLASS.data || classId === CLASS.register)); // prettier-ignore
    if (object === undefined) continue;
    const [result] = await session.read([{ object, attribute: 2 }]);
    const text = result !== undefined && 'data' in result ? textOf(result.data) : undefined;
    if (text !== undefined && text !== '') return text;
  }
  return null;
}
