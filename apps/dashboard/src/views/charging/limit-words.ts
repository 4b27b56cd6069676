import { quantityText } from '../../format/quantity.js';
import { language, t } from '../../i18n/index.js';
import type { BackEndTelling, LimitTelling } from './stations.js';

/** What a charge point does with the limit of this box, in a sentence. */
export function limitWords({ state, asked, value, unit }: LimitTelling): string {
  const text = (number: number | null): string => (number === null ? '–' : quantityText(number, unit, language.value));
  return t(`charging.limit.${state}`, { asked: text(asked), value: text(value ?? asked) });
}

/** Whether what was asked does not hold. */
export const isShort = ({ state }: LimitTelling): boolean => state === 'overruled' || state === 'refused';

/** A limit of the back end in a sentence. */
export function backEndWords({ limit, unit, purpose }: BackEndTelling): string {
  const value = limit === undefined ? '–' : quantityText(limit, unit ?? null, language.value);
  return t('charging.limit.backEnd', { value, purpose });
}
