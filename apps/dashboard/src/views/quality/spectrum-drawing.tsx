import { useWidth } from '../../parts/use-width.js';
import { linear, roundUp, ticksOf } from '../../quality/scale.js';
import type { Orders } from '../../quality/spectrum.js';
import { colourOf } from './channels.js';
import { axisText } from './words.js';

interface DrawingProps {
  readonly label: string;
  /** Values by channel and order; the fundamental is not drawn. */
  readonly channels: Readonly<Record<string, Orders>>;
  readonly limits: Orders;
  readonly orders: number;
  readonly unit: '%' | 'A';
}

const HEIGHT = 220;
const LEFT = 44;
const BOTTOM = 22;
const TOP = 8;
const LEAST = { '%': 2, A: 0.05 } as const;
/** Room of a number under the axis, px. */
const PER_TICK = 22;

const known = (values: Orders): number[] => values.slice(2).filter((value) => value !== null);

/** Bars of each order from the second on, a mark where a limit is. */
export function SpectrumDrawing({ label, channels, limits, orders, unit }: DrawingProps) {
  const { box, width } = useWidth<HTMLDivElement>();
  const rows = Object.entries(channels);
  const most = roundUp(Math.max(LEAST[unit], ...known(limits), ...rows.flatMap(([, values]) => known(values))), 4);
  const x = linear([1.5, orders + 0.5], [LEFT, Math.max(LEFT + 1, width - 4)]);
  const y = linear([0, most], [HEIGHT - BOTTOM, TOP]);
  const room = x(3) - x(2);
  const bar = (room * 0.72) / Math.max(1, rows.length);
  const each = Array.from({ length: Math.max(0, orders - 1) }, (_, n) => n + 2);
  const skipped = Math.max(1, Math.ceil(PER_TICK / Math.max(1, room)));
  return (
    <div ref={box} style={{ minHeight: HEIGHT }}>
      {width > 0 && (
        <svg width={width} height={HEIGHT} role="img" aria-label={label} class="plot">
          {ticksOf(0, most, 4).map((value) => (
            <g key={value}>
              <path class={value === 0 ? 'axis' : 'rule'} d={`M${LEFT} ${y(value)}H${width - 4}`} />
              <text x={LEFT - 6} y={y(value) + 4} text-anchor="end">
                {axisText(value, unit)}
              </text>
            </g>
          ))}
          {each
            .filter((order) => skipped === 1 || order % (skipped % 2 === 0 ? skipped : skipped + 1) === 1)
            .map((order) => (
              <text key={order} x={x(order)} y={HEIGHT - 6} text-anchor="middle">
                {order}
              </text>
            ))}
          {rows.map(([name, values], k) => (
            <path
              key={name}
              class={`bars c-${colourOf(name)}`}
              data-channel={name}
              d={each.map((order) => barPath(values[order] ?? null, x(order) + (k - rows.length / 2) * bar)).join('')}
            />
          ))}
          <path class="limits" d={each.map((order) => limitPath(limits[order] ?? null, order)).join('')} />
        </svg>
      )}
    </div>
  );

  function barPath(value: number | null, at: number): string {
    return value === null ? '' : `M${at.toFixed(1)} ${y(0)}V${y(value).toFixed(1)}h${bar.toFixed(1)}V${y(0)}z`;
  }

  function limitPath(value: number | null, order: number): string {
    return value === null ? '' : `M${x(order - 0.45).toFixed(1)} ${y(value).toFixed(1)}H${x(order + 0.45).toFixed(1)}`;
  }
}
