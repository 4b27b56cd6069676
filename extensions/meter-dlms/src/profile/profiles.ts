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

/** What is written over the generic profile; that the files are well formed is held by a spec. */
function profile(data: unknown): MeterProfile {
  return { ...(generic as MeterProfile), ...(data as Partial<MeterProfile>) };
}
