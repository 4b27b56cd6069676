import { useId } from 'preact/hooks';
import { useWidth } from '../../parts/use-width.js';
import { linear, linePath, roundUp, ticksOf } from '../../quality/scale.js';
import { peakOf, type Samples, type Stretch } from '../../quality/wave.js';
import { colourOf } from './channels.js';
import { axisText, inUnit } from './words.js';

export interface WaveProps {
  /** What it shows, in words. */
  readonly label: string;
  /** By name. */
  readonly channels: Readonly<Record<string, Samples>>;
  readonly unit: 'V' | 'A';
  /** Hz. */
  readonly rate: number;
  readonly stretch: Stretch;
  /** Sample at which its time begins. */
  readonly zero: number;
  /** ms that are marked, like the begin of an event. */
  readonly marks?: readonly number[];
}

const HEIGHT = 180;
const LEFT = 52;
const BOTTOM = 22;
const TOP = 6;
/** Room of a number under the axis, px. */
const PER_TICK = 72;
/** The scale holds this at least, so that the noise of nothing does not look like a current. */
const LEAST = { V: 10, A: 0.5 } as const;

/** Waves over ms, on one scale of V or A. */
export function WaveDrawing({ label, channels, unit, rate, stretch, zero, marks = [] }: WaveProps) {
  const { box, width } = useWidth<HTMLDivElement>();
  const clip = useId();
  const most = roundUp(Math.max(LEAST[unit], ...Object.values(channels).map(peakOf)), 2);
  const times = [stretch.from, stretch.to].map((n) => ((n - zero) / rate) * 1000) as [number, number];
  const x = linear(times, [LEFT, Math.max(LEFT + 1, width - 8)]);
  const y = linear([-most, most], [HEIGHT - BOTTOM, TOP]);
  const bySample = (n: number): number => x(((n - zero) / rate) * 1000);
  return (
    <div ref={box} style={{ minHeight: HEIGHT }}>
      {width > 0 && (
        <svg width={width} height={HEIGHT} role="img" aria-label={label} class="plot">
          <clipPath id={clip}>
            <rect x={LEFT} y={0} width={Math.max(1, width - LEFT - 8)} height={HEIGHT} />
          </clipPath>
          {ticksOf(-most, most, 4).map((value) => (
            <g key={value}>
              <path class={value === 0 ? 'axis' : 'rule'} d={`M${LEFT} ${y(value)}H${width - 8}`} />
              <text x={LEFT - 6} y={y(value) + 4} text-anchor="end">
                {axisText(value, unit)}
              </text>
            </g>
          ))}
          {ticksOf(...times, Math.max(2, Math.floor((width - LEFT) / PER_TICK))).map((ms) => (
            <g key={`t${ms}`}>
              <path class="rule" d={`M${x(ms)} ${TOP}V${HEIGHT - BOTTOM}`} />
              <text x={x(ms)} y={HEIGHT - 6} text-anchor={x(ms) > width - 32 ? 'end' : 'middle'}>
                {inUnit(ms, 'ms')}
              </text>
            </g>
          ))}
          <g clip-path={`url(#${clip})`}>
            {marks.map((ms) => (
              <path key={`m${ms}`} class="mark" d={`M${x(ms)} ${TOP}V${HEIGHT - BOTTOM}`} />
            ))}
            {Object.entries(channels).map(([name, samples]) => (
              <path
                key={name}
                class={`line c-${colourOf(name)}`}
                data-channel={name}
                d={linePath(samples, stretch, { x: bySample, y })}
              />
            ))}
          </g>
        </svg>
      )}
    </div>
  );
}
