import { useState } from 'preact/hooks';
import { Card } from '../../parts/card.js';
import { RANGES, type RangeName } from '../../history/range.js';
import { t } from '../../i18n/index.js';
import { spanText } from '../../format/time.js';
import { useDevices } from '../../state/devices.js';
import { parts } from '../../state/house.js';
import { points } from '../../state/live.js';
import { chartsOf } from './chart-groups.js';
import { HistoryChart } from './history-chart.js';
import { RangeChoice } from './range-choice.js';

/** What was, one chart per kind of quantity. */
export function ChartsView() {
  useDevices();
  const [range, setRange] = useState<RangeName>('hour');
  const charts = chartsOf(points.value, parts.value);
  return (
    <>
      <div class="head">
        <h1>{t('charts.title')}</h1>
        <RangeChoice range={range} onChoose={setRange} />
      </div>
      {charts.length === 0 && <p class="empty">{t('charts.none')}</p>}
      <div class="grid">
        {charts.map((chart) => {
          const title = t(`charts.${chart.id}`, { every: spanText(RANGES[range].counted) });
          return (
            <Card key={chart.id} title={title}>
              <HistoryChart title={title} {...chart} range={range} />
            </Card>
          );
        })}
      </div>
    </>
  );
}
