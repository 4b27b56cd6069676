import { Card } from '../../parts/card.js';
import { Value, whyNot } from '../../parts/value.js';
import { quantityText } from '../../format/quantity.js';
import { spanText } from '../../format/time.js';
import { language, t } from '../../i18n/index.js';
import { now } from '../../state/clock.js';
import { gridDevice } from '../../state/house.js';
import { points, reading } from '../../state/live.js';
import { currentNumber } from '../../state/reading.js';

const QUARTER = 15 * 60_000;

interface ScaleProps {
  readonly mean: number;
  readonly forecast: number | undefined;
  readonly month: number | undefined;
}

/** The mean so far, where it is heading, and the peak it is measured against, on one line. */
function Scale({ mean, forecast, month }: ScaleProps) {
  const most = Math.max(mean, forecast ?? 0, month ?? 0, 1) * 1.12;
  const at = (watts: number): string => `${Math.max(0, Math.min(100, (watts / most) * 100)).toFixed(2)}%`;
  const isOver = forecast !== undefined && month !== undefined && forecast > month;
  return (
    <div class={`scale ${isOver ? 'over' : ''}`} aria-hidden="true">
      {forecast !== undefined && <div class="ahead" style={{ width: at(forecast) }} />}
      <div class="sofar" style={{ width: at(mean) }} />
      {month !== undefined && <div class="mark-line" style={{ left: at(month) }} />}
    </div>
  );
}

function outlook(forecast: number | undefined, month: number | undefined): { text: string; isOver: boolean } {
  const text = (watts: number): string => quantityText(watts, 'W', language.value);
  if (month === undefined || forecast === undefined) return { text: t('peak.unknown'), isOver: false };
  const isOver = forecast > month;
  return { text: t(isOver ? 'peak.above' : 'peak.below', { power: text(Math.abs(month - forecast)) }), isOver };
}

/** The quarter-hour that runs: what capacity tariffs are made of. Only where the meter gives it. */
export function QuarterCard() {
  const device = gridDevice.value;
  const path = `${device ?? ''}/peak/quarter`;
  if (device === undefined || !points.value.some((point) => point.path === path)) return null;
  const number = (name: string): number | undefined => currentNumber(reading(`${device}/peak/${name}`).value);
  const quarter = reading(path).value;
  const [mean, forecast, month] = [number('quarter'), number('quarter/forecast'), number('month')];
  const left = QUARTER - (now.value % QUARTER);
  const { text, isOver } = outlook(forecast, month);
  return (
    <Card
      title={t('peak.title')}
      class="quarter"
      aside={<span class="muted">{t('peak.left', { time: spanText(left) })}</span>}
    >
      <p class="headline">
        <Value path={path} unit="W" /> <span class="muted">{t('peak.now')}</span>
      </p>
      {mean === undefined ? (
        <p class="why">{quarter === undefined ? t('quality.never') : whyNot(quarter)}</p>
      ) : (
        <>
          <Scale mean={mean} forecast={forecast} month={month} />
          {forecast !== undefined && (
            <p class={isOver ? 'warn-text' : ''}>
              {t('peak.forecast', { power: quantityText(forecast, 'W', language.value) })}: {text}
            </p>
          )}
        </>
      )}
      <dl class="pairs">
        <dt>{t('peak.month')}</dt>
        <dd>
          <Value path={`${device}/peak/month`} unit="W" />
        </dd>
        <dt>{t('peak.headroom')}</dt>
        <dd>
          <Value path={`${device}/peak/headroom`} unit="W" />
        </dd>
      </dl>
    </Card>
  );
}
