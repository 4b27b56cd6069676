import { quantityText } from '../../format/quantity.js';
import { language, t } from '../../i18n/index.js';
import type { LimitTelling } from './stations.js';

/** What a charge point does with the limit of this box, in a sentence. */
export function limitWords({ state, asked, value, unit, reason }: LimitTelling): string {
  const text = (number: number | null): string => (number === null ? '–' : quantityText(number, unit, language.value));
  const words = t(`charging.limit.${state}`, { asked: text(asked), value: text(value ?? asked) });
  return reason === null ? words : `${words} ${reason}`;
}

/** Whether what was asked does not hold. */
export const isShort = ({ state }: LimitTelling): boolean => state === 'overruled' || state === 'refused';
