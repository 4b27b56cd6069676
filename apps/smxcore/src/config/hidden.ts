import { nearest } from '@smx-edge/model';
import type { Config, HidableSection } from './config.js';
import { LimitsSection } from './limits.js';
import { mappingOf } from './mapping.js';
import { isStrayKey, type Problem } from './problem.js';
import { ConfigSchema } from './schema.js';

const SECTIONS: readonly HidableSection[] = ['limits', 'extensions', 'links', 'roles'];

/** Sections that cannot be used as a whole, that have a key which may be meant as another, or that may stand under one. */
export function hiddenSections(
  written: Readonly<Record<string, unknown>>,
  problems: readonly Problem[],
): Config['hidden'] {
  const hides = (section: HidableSection, problem: Problem): boolean => {
    const [first, , ...deeper] = problem.path;
    if (problem.path.length === 1)
      return first === section || (isStrayKey(problem) && !(section in written) && maybeMeant(section, problem, written));
    // under another name there may be an instance or a link that runs
    return isStrayKey(problem) && deeper.length === 0 && first === section && (section === 'extensions' || section === 'links');
  };
  const found = SECTIONS.map((section) => [section, problems.filter((problem) => hides(section, problem))] as const);
  return new Map(found.filter(([, own]) => own.length > 0));
}

/** Whether a key that nobody knows may be meant as `section`. Limits have to look like it: without them no command is taken. */
function maybeMeant(
  section: HidableSection,
  { path: [key] }: Problem,
  written: Readonly<Record<string, unknown>>,
): boolean {
  if (section !== 'limits') return true;
  const isNear = nearest(String(key), Object.keys(ConfigSchema.properties)) === section;
  const known = Object.keys(LimitsSection.properties);
  return isNear || Object.keys(mappingOf(written[String(key)])).some((one) => nearest(one, known) !== undefined);
}
