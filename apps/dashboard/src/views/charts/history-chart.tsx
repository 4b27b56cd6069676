import { useMemo, useState } from 'preact/hooks';
import { Chart } from '../../parts/chart.js';
import { ProblemNote } from '../../parts/problem-note.js';
import { useAsked } from '../../api/use-answer.js';
import { clockText } from '../../parts/value.js';
import { quantityText } from '../../format/quantity.js';
import { load } from '../../history/load.js';
import { RANGES, type RangeName } from '../../history/range.js';
import { columnsOf, summaryOf, type Series } from '../../history/series.js';
import { language, t } from '../../i18n/index.js';
import { boxNow } from '../../state/clock.js';

export interface Line {
  readonly path: string;
  readonly label: string;
  readonly colour: string;
}

export interface HistoryChartProps {
  readonly title: string;
  readonly lines: readonly Line[];
  readonly unit: string | null;
  readonly range: RangeName;
  /** Counters are shown as what they counted in each window. */
  readonly isCounter?: boolean;
  /** Each value as it came instead of means. */
  readonly isRaw?: boolean;
  readonly withZero?: boolean;
  readonly height?: number;
}

interface Loaded {
  readonly from: number;
  readonly to: number;
  readonly series: readonly Series[];
}

/** From this window on a value stands for the time before it, ms. */
const STEPPED = 60_000;

async function loadAll(props: HistoryChartProps, signal: AbortSignal): Promise<Loaded> {
  const { length, every, counted } = RANGES[props.range];
  const to = boxNow();
  // a window that is cut would have too few values to be sure
  const from = Math.floor((to - length) / counted) * counted;
  const how =
    props.isCounter === true ? ({ every: counted, as: 'delta' } as const) : { every: props.isRaw === true ? 0 : every };
  const series = await Promise.all(props.lines.map(({ path }) => load({ path, from, to, ...how }, signal)));
  return { from, to, series };
}

/** History of points as lines, with what they are in words: name, value under the pointer, least and most. */
export function HistoryChart(props: HistoryChartProps) {
  const { title, lines, unit, range, withZero = false, height = 200 } = props;
  const [row, setRow] = useState<number | undefined>(undefined);
  const key = JSON.stringify([lines.map(({ path }) => path), range, props.isCounter, props.isRaw]);
  // each value of a day is much to send: that picture stays until it is asked for again
  const renew = props.isRaw === true ? 0 : RANGES[range].renew;
  const { answer, problem } = useAsked(key, (signal) => loadAll(props, signal), renew);
  const columns = useMemo(() => columnsOf(answer?.series ?? []), [answer]);
  if (answer === undefined)
    return problem === undefined ? <div class="chart waiting" style={{ height }} /> : <ProblemNote problem={problem} />;
  if (answer.series.every((series) => summaryOf(series) === undefined))
    return (
      <p class="chart empty muted" style={{ height }}>
        {t('charts.empty')}
      </p>
    );
  const text = (value: number): string => quantityText(value, unit, language.value);
  const words = answer.series.map((series, i) => {
    const summary = summaryOf(series);
    if (summary === undefined) return `${lines[i]!.label}: –`;
    return `${lines[i]!.label}: ${t('charts.least')} ${text(summary.least)}, ${t('charts.most')} ${text(summary.most)}`;
  });
  const at = row === undefined ? undefined : columns.times[row];
  return (
    <>
      <Chart
        label={`${t('charts.label', { title, range: t(`charts.${range}`), series: words.join('; ') })}. ${t('charts.keys')}`}
        columns={columns}
        lines={lines.map(({ colour }, i) => ({ colour, isStepped: answer.series[i]!.every >= STEPPED }))}
        unit={unit}
        from={answer.from}
        to={answer.to}
        withZero={withZero}
        height={height}
        onPoint={setRow}
      />
      <ul class="legend">
        {lines.map(({ path, label, colour }, i) => {
          const value = row === undefined ? undefined : columns.values[i]?.[row];
          const summary = summaryOf(answer.series[i]!);
          return (
            <li key={path}>
              <span class={`swatch c-${colour}`} aria-hidden="true" />
              {label}{' '}
              <span class="muted">
                {at !== undefined
                  ? typeof value === 'number'
                    ? text(value)
                    : '–'
                  : summary === undefined
                    ? '–'
                    : `${text(summary.least)} … ${text(summary.most)}`}
              </span>
            </li>
          );
        })}
        {at !== undefined && (
          <li class="muted">
            <time>{clockText(at * 1000)}</time>
          </li>
        )}
        {columns.uncertain.length > 0 && (
          <li>
            <span class="swatch c-warn" aria-hidden="true" /> <span class="muted">{t('charts.uncertain')}</span>
          </li>
        )}
      </ul>
    </>
  );
}
