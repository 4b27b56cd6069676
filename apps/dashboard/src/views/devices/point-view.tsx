import { useState } from 'preact/hooks';
import type { Point } from '../../api/answers.js';
import { Card } from '../../parts/card.js';
import { Choice } from '../../parts/choice.js';
import { Value } from '../../parts/value.js';
import type { RangeName } from '../../history/range.js';
import { t } from '../../i18n/index.js';
import { hrefOf } from '../../state/route.js';
import { HistoryChart } from '../charts/history-chart.js';
import { RangeChoice } from '../charts/range-choice.js';
import { givenAs } from './point-table.js';

/** One point: its value and its history, as means or each value. */
export function PointView({ point }: { point: Point }) {
  const [range, setRange] = useState<RangeName>('hour');
  const [detail, setDetail] = useState<'auto' | 'raw'>('auto');
  const { path, unit, kind, obis } = point;
  const details = [
    ['auto', t('charts.auto')],
    ['raw', t('charts.raw')],
  ] as const;
  const isCounter = kind === 'counter';
  return (
    <>
      <div class="head">
        <h1>
          <a href={hrefOf('devices')}>{t('devices.title')}</a> / {path}
        </h1>
        <RangeChoice range={range} onChoose={setRange} />
        {!isCounter && <Choice label={t('charts.detail')} value={detail} options={details} onChoose={setDetail} />}
      </div>
      <Card title={path} aside={<span class="muted">{[obis, givenAs(point)].filter(Boolean).join(' · ')}</span>}>
        <p class="headline">
          <Value path={path} unit={unit} wordy />
        </p>
        <HistoryChart
          title={path}
          lines={[{ path, label: path, colour: 'c1' }]}
          unit={unit}
          range={range}
          isRaw={detail === 'raw'}
          isCounter={isCounter}
          withZero={isCounter || unit === 'W'}
          height={300}
        />
      </Card>
    </>
  );
}
