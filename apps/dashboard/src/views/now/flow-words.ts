import type { Balance, Flow } from '../../energy/balance.js';
import type { PartKind } from '../../energy/parts.js';
import { quantityText } from '../../format/quantity.js';
import { language, maybe, t, type Key } from '../../i18n/index.js';

/** Below this nothing is said to flow, W. */
export const IDLE = 5;

/** Whether power comes out of this kind of part into the house. */
export const givesNow = (kind: PartKind, watts: number): boolean => (kind === 'grid' ? watts > 0 : watts < 0);

const wattsText = (watts: number): string => quantityText(Math.abs(watts), 'W', language.value);

/** What a part does, without a sign: `from the grid`, `charging`. */
export function doing({ kind, watts }: Flow): string {
  if (watts === undefined) return t('quality.bad');
  if (Math.abs(watts) < IDLE) return t('flow.idle');
  return t(`flow.${kind}.${givesNow(kind, watts) ? 'in' : 'out'}` as Key);
}

/** The whole picture as a sentence or two. */
export function flowSentence({ flows, house, unknown }: Balance): string {
  const listed = (way: 'in' | 'out'): string => {
    const texts = flows.flatMap(({ kind, watts }) => {
      if (watts === undefined || Math.abs(watts) < IDLE || givesNow(kind, watts) !== (way === 'in')) return [];
      return [t(`flow.say.${way}.${kind}` as Key, { power: wattsText(watts) })];
    });
    const list = new Intl.ListFormat(language.value === 'en' ? 'en-GB' : language.value).format(texts);
    return list === '' ? '' : ` ${t(`flow.say.${way}`, { list })}`;
  };
  const parts = `${listed('in')}${listed('out')}`;
  if (house === undefined) {
    const part = unknown === undefined || unknown === 'forms' ? '' : t(`flow.${unknown}`);
    const why = unknown === 'forms' ? t('flow.why.forms') : t('flow.why.missing', { part });
    return `${t('flow.say.unknown', { why })}${parts}`;
  }
  // with nothing read behind the meter, what the house uses itself is not known: only what is left of it all
  const of = flows.length === 1 ? 'all' : 'house';
  const key: Key = `flow.say.${of}.${house < 0 ? 'gives' : 'uses'}`;
  return `${t(key, { house: wattsText(house) })}${parts}`;
}

/** `mean of 15m` where powers are given in windows only. */
export function formText({ flows }: Balance): string | undefined {
  const every = flows[0]?.every;
  return every === undefined ? undefined : t('quality.window', { as: maybe('as.mean') ?? '', every });
}
