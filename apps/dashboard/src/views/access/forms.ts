import type { Form } from '../../api/answers.js';
import { maybe, t } from '../../i18n/index.js';

export interface FormGroup<T> {
  /** The conditions in words. */
  readonly form: string;
  readonly points: readonly T[];
}

/** `mean of each 15m, 1h late, rounded to 10`. */
export function formText({ every, as, delay, round, interval }: Form): string {
  const window =
    every === undefined ? t('access.raw') : t('access.window', { as: maybe(`as.${as ?? 'mean'}`) ?? '', every });
  return [
    window,
    delay === undefined ? '' : t('access.delay', { delay }),
    round === undefined ? '' : t('access.round', { round }),
    interval === undefined ? '' : t('access.interval', { interval }),
  ]
    .filter((text) => text !== '')
    .join(', ');
}

/** Points under the same conditions together, in the order they come. */
export function formGroups<T extends Form>(points: readonly T[]): FormGroup<T>[] {
  const groups = new Map<string, T[]>();
  for (const point of points) {
    const form = formText(point);
    groups.set(form, [...(groups.get(form) ?? []), point]);
  }
  return [...groups].map(([form, own]) => ({ form, points: own }));
}
