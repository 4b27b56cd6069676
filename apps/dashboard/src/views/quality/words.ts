import { quantityText } from '../../format/quantity.js';
import { language, t } from '../../i18n/index.js';
import { peakOf, rmsOf, type Samples, type Stretch } from '../../quality/wave.js';
import { channelName } from './channels.js';

export type Unit = 'V' | 'A';

export const inUnit = (value: number | undefined, unit: string): string =>
  value === undefined ? '–' : quantityText(value, unit, language.value);

/** RMS and peak of a channel. */
export function channelWords(samples: Samples, stretch: Stretch, unit: Unit): string {
  const known = samples.slice(Math.ceil(stretch.from), Math.ceil(stretch.to));
  const rms = rmsOf(samples, stretch);
  return t('quality.wave.figures', { rms: inUnit(rms, unit), peak: inUnit(rms && peakOf(known), unit) });
}

/** What a drawing of waves shows. */
export function waveLabel(channels: Readonly<Record<string, Samples>>, stretch: Stretch, unit: Unit): string {
  const words = Object.entries(channels).map(
    ([name, samples]) => `${channelName(name)}: ${channelWords(samples, stretch, unit)}`,
  );
  return `${t(unit === 'V' ? 'quality.voltages' : 'quality.currents')}. ${words.join('; ')}`;
}

/** A number at an axis; the unit stands at 0 only. */
export const axisText = (value: number, unit: string): string =>
  `${quantityText(value, '1', language.value)}${value === 0 ? `\u202f${unit}` : ''}`;

/** % with as many digits as say something. */
export function percentText(value: number, digits = 1): string {
  return `${quantityText(Number(value.toFixed(digits)), '1', language.value)}\u202f%`;
}
