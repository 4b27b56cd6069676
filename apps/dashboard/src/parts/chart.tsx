import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import type { Columns } from '../history/series.js';
import { quantityText } from '../format/quantity.js';
import { language } from '../i18n/index.js';
import { siteZone } from '../state/session.js';
import { darkness } from '../state/darkness.js';

interface ChartLine {
  /** Name of a colour of the style sheet, like `grid`. */
  readonly colour: string;
  /** Each value is of the time before it, and drawn so. */
  readonly isStepped: boolean;
}

export interface ChartProps {
  readonly label: string;
  readonly columns: Columns;
  readonly lines: readonly ChartLine[];
  readonly unit: string | null;
  /** ms UTC. */
  readonly from: number;
  readonly to: number;
  /** 0 belongs into the picture. */
  readonly withZero: boolean;
  readonly height: number;
  /** Told the row under the pointer, undefined where there is none. */
  readonly onPoint: (row: number | undefined) => void;
}

const colourOf = (name: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
const FONT = '12px system-ui, sans-serif';
const stepped = uPlot.paths.stepped!({ align: -1 });
const linear = uPlot.paths.linear!();

function axisOf(o: uPlot.Axis): uPlot.Axis {
  return {
    font: FONT,
    stroke: colourOf('muted'),
    grid: { stroke: colourOf('line'), width: 1 },
    ticks: { show: false },
    ...o,
  };
}

function clock(zone: string, lang: string): (t: number) => string {
  const format = new Intl.DateTimeFormat(lang === 'en' ? 'en-GB' : lang, {
    hour: '2-digit',
    minute: '2-digit',
    timeZone: zone,
  });
  return (t) => format.format(t * 1000);
}

/** Few values may stand alone, and a line of one value is not seen. */
const isSparse = (plot: uPlot): boolean => plot.data[0].length < 60;

/** A thin band along the bottom wherever what is shown is uncertain. */
function markUncertain(plot: uPlot, uncertain: readonly number[]): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.fillStyle = colourOf('warn');
  const thick = 3 * devicePixelRatio;
  for (const t of uncertain) ctx.fillRect(plot.valToPos(t, 'x', true) - 1, bbox.top + bbox.height - thick, 2, thick);
  ctx.restore();
}

/** `current` = the properties as they are by then: data and times change while the plot stays. */
function optionsOf(current: () => ChartProps, width: number): uPlot.Options {
  const { lines, unit, withZero, height } = current();
  const lang = language.peek();
  const zone = siteZone();
  const time = clock(zone, lang);
  return {
    width,
    height,
    padding: [8, 8, 0, 0],
    legend: { show: false },
    cursor: { y: false, drag: { setScale: false }, points: { size: 7 } },
    tzDate: (t) => uPlot.tzDate(new Date(t * 1000), zone),
    scales: {
      x: { time: true, range: () => [current().from / 1000, current().to / 1000] },
      y: { range: (_plot, least, most) => yRange(least, most, withZero) },
    },
    axes: [
      axisOf({ values: (_plot, times) => times.map(time), space: 64, size: 28 }),
      axisOf({ values: (_plot, values) => values.map((value) => quantityText(value, unit, lang)), size: 68 }),
    ],
    series: [
      {},
      ...lines.map(({ colour, isStepped }): uPlot.Series => {
        const stroke = colourOf(colour);
        const fill = lines.length === 1 ? `${stroke}22` : undefined;
        const paths = isStepped ? stepped : linear;
        return {
          stroke,
          width: 1.75,
          points: { show: isSparse, size: 4, fill: stroke },
          paths,
          ...(fill === undefined ? {} : { fill }),
        };
      }),
    ],
    hooks: {
      setCursor: [(plot) => current().onPoint(plot.cursor.idx ?? undefined)],
      draw: [(plot) => markUncertain(plot, current().columns.uncertain)],
    },
  };
}

function yRange(least: number | null, most: number | null, withZero: boolean): uPlot.Range.MinMax {
  let [low, high] = [least ?? 0, most ?? 1];
  if (withZero) [low, high] = [Math.min(0, low), Math.max(0, high)];
  const room = Math.max((high - low) * 0.08, withZero ? 10 : Math.abs(high) * 0.004, 1e-3);
  // what is always 0 lies on the axis
  if (withZero && low === high) return [0, room];
  return [withZero && low === 0 ? 0 : low - room, withZero && high === 0 ? 0 : high + room];
}

/** Lines over time on a canvas; the arrow keys move through its values. */
export function Chart(props: ChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const latest = useRef(props);
  latest.current = props;
  const shape = JSON.stringify([props.lines, props.unit, props.withZero, props.height, language.value, darkness.value]);

  useEffect(() => {
    const box = place.current!;
    const current = (): ChartProps => latest.current;
    const make = (width: number): void => {
      plot.current?.destroy();
      const begun = performance.now();
      const made = new uPlot(optionsOf(current, width), dataOf(current()), box);
      plot.current = made;
      // drawn in a microtask of its own
      queueMicrotask(() =>
        performance.measure('chart', { start: begun, detail: { points: current().columns.times.length } }),
      );
    };
    const watch = new ResizeObserver(() => {
      const width = Math.floor(box.clientWidth);
      if (width > 0 && plot.current?.width !== width) make(width);
    });
    watch.observe(box);
    return () => {
      watch.disconnect();
      plot.current?.destroy();
      plot.current = undefined;
    };
  }, [shape]);

  useEffect(() => {
    const { current } = plot;
    if (current === undefined) return;
    current.setData(dataOf(props));
  }, [props.columns, props.from, props.to]);

  const move = (event: KeyboardEvent): void => {
    const { current } = plot;
    const by = event.key === 'ArrowLeft' ? -1 : event.key === 'ArrowRight' ? 1 : 0;
    if (current === undefined || by === 0) return;
    event.preventDefault();
    const { times } = props.columns;
    const row = Math.min(times.length - 1, Math.max(0, (current.cursor.idx ?? times.length) + by));
    const t = times[row];
    if (t !== undefined) current.setCursor({ left: current.valToPos(t, 'x'), top: 0 });
  };

  return (
    <div
      class="chart"
      ref={place}
      style={{ height: props.height }}
      role="img"
      aria-label={props.label}
      tabIndex={0}
      onKeyDown={move}
    />
  );
}

const dataOf = ({ columns }: ChartProps): uPlot.AlignedData => [columns.times, ...columns.values] as uPlot.AlignedData;
