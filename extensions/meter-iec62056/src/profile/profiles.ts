import type { Identification } from '@smx-edge/protocols/iec62056-21';
import elster from '../../profiles/elster-a1500.yaml';
import emh from '../../profiles/emh.yaml';
import generic from '../../profiles/generic.yaml';
import iskra from '../../profiles/iskra.yaml';
import iskraemeco from '../../profiles/iskraemeco-mt.yaml';
import zmd from '../../profiles/landis-gyr-zmd.yaml';
import metcom from '../../profiles/metcom.yaml';
import turkish from '../../profiles/turkish.yaml';
import type { MeterProfile } from './meter-profile.js';

/** Families of meters by the name a config gives them, in the order in which an identification is looked up. */
export const PROFILES: Readonly<Record<string, MeterProfile>> = {
  generic: profile(generic),
  'landis-gyr-zmd': profile(zmd),
  emh: profile(emh),
  'elster-a1500': profile(elster),
  'iskraemeco-mt': profile(iskraemeco),
  iskra: profile(iskra),
  metcom: profile(metcom),
  turkish: profile(turkish),
};

/** Name of the family of a meter by what it says of itself; `generic` where it is of none that is known. */
export function familyBy({ manufacturer, text }: Pick<Identification, 'manufacturer' | 'text'>): string {
  const said = `${manufacturer} ${text}`;
  const found = Object.entries(PROFILES).find(([, { identifications }]) =>
    identifications.some((pattern) => new RegExp(pattern, 'i').test(said)),
  );
  return found?.[0] ?? 'generic';
}

/** What is written over the generic profile; that the files are well formed is held by a spec. */
function profile(data: unknown): MeterProfile {
  return { ...(generic as MeterProfile), ...(data as Partial<MeterProfile>) };
}
