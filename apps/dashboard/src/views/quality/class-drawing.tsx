import { t } from '../../i18n/index.js';
import { useWidth } from '../../parts/use-width.js';
import { residualOf, type QualityEvent } from '../../quality/events.js';
import { linear, logarithmic } from '../../quality/scale.js';

/** Borders of the classes of EN 50160, tables 4 and 5: s, and % of the declared voltage. */
const DURATIONS = [0.01, 0.2, 0.5, 1, 5, 60];
const RESIDUALS = [5, 40, 70, 80, 90, 110, 120];
/** Those that have room for their number. */
const LABELLED = [5, 40, 70, 90, 110];
/** % at the top. */
const MOST = 140;

const HEIGHT = 200;
/** px that every duration has room in. */
const WIDE = 560;
const LEFT = 48;
const BOTTOM = 22;
const TOP = 8;

const durationText = (seconds: number): string => (seconds < 1 ? `${seconds * 1000}\u202fms` : `${seconds}\u202fs`);

/** Each dip and swell by how long it was and what was left of the voltage, on the classes of EN 50160. */
export function ClassDrawing({ events }: { events: readonly QualityEvent[] }) {
  const { box, width } = useWidth<HTMLDivElement>();
  const x = logarithmic([DURATIONS[0]!, 180], [LEFT, Math.max(LEFT + 1, width - 8)]);
  const y = linear([0, MOST], [HEIGHT - BOTTOM, TOP]);
  const placed = events.flatMap((event) => {
    const residual = residualOf(event);
    if (residual === undefined || event.duration === undefined) return [];
    // what is beyond the picture lies on its edge
    const at = x(Math.min(180, Math.max(DURATIONS[0]!, event.duration)));
    return [{ event, at, residual: Math.min(MOST, Math.max(0, residual)) }];
  });
  if (placed.length === 0) return null;
  return (
    <div ref={box} style={{ minHeight: HEIGHT }}>
      {width > 0 && (
        <svg
          width={width}
          height={HEIGHT}
          role="img"
          aria-label={t('quality.events.classes', { count: placed.length })}
          class="plot"
        >
          {RESIDUALS.map((percent) => (
            <g key={percent}>
              <path class="rule" d={`M${LEFT} ${y(percent)}H${width - 8}`} />
              {LABELLED.includes(percent) && (
                <text x={LEFT - 6} y={y(percent) + 4} text-anchor="end">
                  {`${percent}\u202f%`}
                </text>
              )}
            </g>
          ))}
          {DURATIONS.map((seconds) => (
            <g key={`d${seconds}`}>
              <path class="rule" d={`M${x(seconds)} ${TOP}V${HEIGHT - BOTTOM}`} />
              {(seconds !== 0.5 || width > WIDE) && (
                <text x={x(seconds)} y={HEIGHT - 6} text-anchor="middle">
                  {durationText(seconds)}
                </text>
              )}
            </g>
          ))}
          <path class="axis" d={`M${LEFT} ${y(100)}H${width - 8}`} />
          {placed.map(({ event, at, residual }) => (
            <circle key={event.id} class="dot" cx={at} cy={y(residual)} r="4.5">
              <title>{`${t(`quality.events.${event.kind}`)} ${durationText(event.duration!)}, ${Math.round(residual)}\u202f%`}</title>
            </circle>
          ))}
        </svg>
      )}
    </div>
  );
}
