import { Choice } from '../../parts/choice.js';
import type { RangeName } from '../../history/range.js';
import { t } from '../../i18n/index.js';

export function RangeChoice({ range, onChoose }: { range: RangeName; onChoose: (range: RangeName) => void }) {
  const options = [
    ['hour', t('charts.hour')],
    ['day', t('charts.day')],
  ] as const;
  return <Choice label={t('charts.range')} value={range} options={options} onChoose={onChoose} />;
}
