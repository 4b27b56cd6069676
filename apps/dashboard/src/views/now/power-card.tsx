import { useState } from 'preact/hooks';
import { Card } from '../../parts/card.js';
import type { RangeName } from '../../history/range.js';
import { t } from '../../i18n/index.js';
import { points } from '../../state/live.js';
import { parts } from '../../state/house.js';
import { chartsOf } from '../charts/chart-groups.js';
import { HistoryChart } from '../charts/history-chart.js';
import { RangeChoice } from '../charts/range-choice.js';

/** The same powers over the last hour or day. */
export function PowerCard() {
  const [range, setRange] = useState<RangeName>('hour');
  const [power] = chartsOf(points.value, parts.value).filter(({ id }) => id === 'power');
  if (power === undefined) return null;
  return (
    <Card title={t('charts.power')} class="power" aside={<RangeChoice range={range} onChoose={setRange} />}>
      <HistoryChart title={t('charts.power')} {...power} range={range} height={220} />
      <p class="muted">{t('charts.signs')}</p>
    </Card>
  );
}
