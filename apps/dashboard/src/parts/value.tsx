import type { PointType } from '@smx-edge/model';
import { quantity } from '../format/quantity.js';
import { timeText } from '../format/time.js';
import { language, maybe, t } from '../i18n/index.js';
import { now } from '../state/clock.js';
import { reading } from '../state/live.js';
import { isCurrent, type Reading } from '../state/reading.js';
import { siteZone } from '../state/session.js';

interface ValueProps {
  readonly path: string;
  readonly unit: string | null;
  readonly type?: PointType;
  /** Say in words why it is no good value, not only in the tooltip. */
  readonly wordy?: boolean;
}

const here = (): { language: string; zone: string } => ({ language: language.value, zone: siteZone() });

export const clockText = (at: number): string => timeText(at, now.value, here());

function shown({ v }: Reading, unit: string | null, type: PointType): { number: string; unit: string } {
  if (v === null) return { number: '–', unit: '' };
  if (type === 'time' && typeof v === 'number') return { number: timeText(v, now.peek(), here()), unit: '' };
  if (typeof v === 'number') return quantity(v, unit, language.value);
  if (typeof v === 'boolean') return { number: t(v ? 'unit.yes' : 'unit.no'), unit: '' };
  return { number: typeof v === 'string' ? v : v.join(' '), unit: '' };
}

/** Why a value is not simply good; undefined where it is. */
export function whyNot({ v, t: at, q, reason }: Reading): string | undefined {
  if (q === 'good' && v !== null) return undefined;
  if (at === 0 && v === null && reason === undefined) return t('quality.never');
  if (q === 'stale') return `${t('quality.stale')}, ${t('quality.stale.since', { time: clockText(at) })}`;
  const words = q === 'good' ? '' : (maybe(`quality.${q}`) ?? q);
  return [words, reason].filter((text) => text !== undefined && text !== '').join(': ') || t('quality.bad');
}

/** The live value of a point. What is stale, uncertain or missing looks so and says so. */
export function Value({ path, unit, type = 'number', wordy = false }: ValueProps) {
  const current = reading(path).value;
  if (current === undefined) return <span class="value none">–</span>;
  const { number, unit: shownUnit } = shown(current, unit, type);
  const why = whyNot(current);
  const state = current.v === null ? 'none' : isCurrent(current) ? (current.q === 'good' ? '' : 'doubtful') : 'old';
  return (
    <span class={`value ${state}`} data-path={path} title={why}>
      {state === 'doubtful' && <span aria-hidden="true">≈ </span>}
      <span class="number">{number}</span>
      {shownUnit !== '' && <span class="unit"> {shownUnit}</span>}
      {why !== undefined && <span class={wordy ? 'why' : 'sr'}> {why}</span>}
    </span>
  );
}
