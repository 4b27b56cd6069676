import { nearest, SmxError } from '@smx-edge/model';
import am550 from '../../profiles/iskraemeco-am550.yaml';
import e450 from '../../profiles/landis-gyr-e450.yaml';
import e570 from '../../profiles/landis-gyr-e570.yaml';
import generic from '../../profiles/generic.yaml';
import kamstrup from '../../profiles/kamstrup.yaml';
import zmd from '../../profiles/landis-gyr-zmd.yaml';
import type { MeterProfile } from './meter-profile.js';

/** Families of meters by the name a config gives them. */
export const PROFILES: Readonly<Record<string, MeterProfile>> = {
  generic: profile(generic),
  'landis-gyr-zmd': profile(zmd),
  'landis-gyr-e450': profile(e450),
  'landis-gyr-e570': profile(e570),
  'iskraemeco-am550': profile(am550),
  kamstrup: profile(kamstrup),
};

/** Throws SMX_CONFIG_INVALID. */
export function profileOf(name: string): MeterProfile {
  const found = PROFILES[name];
  if (found !== undefined) return found;
  const meant = nearest(name, Object.keys(PROFILES));
  const hint = meant === undefined ? '' : `; did you mean "${meant}"?`;
  throw new SmxError('SMX_CONFIG_INVALID', `There is no meter profile "${name}"${hint}`, {
    details: [{ path: 'profile', expected: Object.keys(PROFILES).join(', ') }],
  });
}

/** What is written over the generic profile; that the files are well formed is held by a spec. */
function profile(data: unknown): MeterProfile {
  return { ...(generic as MeterProfile), ...(data as Partial<MeterProfile>) };
}
