import { Card } from '../../parts/card.js';
import { clockText, Value } from '../../parts/value.js';
import { useAsked } from '../../api/use-answer.js';
import { quantityText } from '../../format/quantity.js';
import { load } from '../../history/load.js';
import { midnightBefore } from '../../history/midnight.js';
import { language, maybe, t } from '../../i18n/index.js';
import { boxNow } from '../../state/clock.js';
import { devices } from '../../state/devices.js';
import { gridDevice } from '../../state/house.js';
import { points, reading } from '../../state/live.js';
import { currentNumber } from '../../state/reading.js';
import { siteZone } from '../../state/session.js';

const RENEW = 15 * 60_000;
const QUARTER = 15 * 60_000;

interface Counter {
  readonly path: string;
  readonly unit: string | null;
  readonly label: string;
  /** Point that says when a meter behind the meter was read. */
  readonly captured?: string;
}

interface Begin {
  readonly value: number;
  /** ms UTC. */
  readonly t: number;
}

/** What the counter showed at midnight, or when it was first read since. */
async function beginOfToday(path: string, signal: AbortSignal): Promise<Begin | undefined> {
  const now = boxNow();
  const midnight = midnightBefore(now, siteZone());
  const { rows } = await load({ path, from: midnight - QUARTER, to: now, every: QUARTER, as: 'last' }, signal);
  const first = rows.find(([t, value]) => t >= midnight && typeof value === 'number');
  return first === undefined ? undefined : { value: first[1] as number, t: first[0] };
}

function Today({ path, unit }: { path: string; unit: string | null }) {
  const { answer } = useAsked(path, (signal) => beginOfToday(path, signal), RENEW);
  const current = currentNumber(reading(path).value);
  if (answer === undefined || current === undefined || current < answer.value) return null;
  const value = quantityText(current - answer.value, unit, language.value);
  const isWhole = answer.t === midnightBefore(answer.t, siteZone());
  return (
    <span class="today">
      {isWhole ? t('today.today', { value }) : t('today.since', { value, time: clockText(answer.t) })}
    </span>
  );
}

function countersOf(): Counter[] {
  const grid = gridDevice.value;
  const labels = new Map<string, string>();
  if (grid !== undefined) {
    labels.set(`${grid}/energy/active/import`, t('today.import'));
    labels.set(`${grid}/energy/active/export`, t('today.export'));
  }
  for (const { name, kind } of devices.value) {
    const label = maybe(`device.${kind}`) ?? name;
    for (const quantity of ['volume', 'energy']) labels.set(`${name}/${quantity}`, label);
    labels.set(`${name}/energy/produced`, t('today.produced'));
  }
  const known = new Map(points.value.map((point) => [point.path, point]));
  return [...labels].flatMap(([path, label]): Counter[] => {
    const point = known.get(path);
    if (point === undefined) return [];
    const captured = `${path.split('/')[0]!}/captured`;
    return [{ path, unit: point.unit, label, ...(known.has(captured) ? { captured } : {}) }];
  });
}

/** What the meters have counted, and how much of it today. */
export function CountersCard() {
  const counters = countersOf();
  if (counters.length === 0) return null;
  return (
    <Card title={t('today.title')} class="counters">
      <ul>
        {counters.map(({ path, unit, label, captured }) => (
          <li key={path}>
            <span class="label">{label}</span>
            <Value path={path} unit={unit} wordy />
            <Today path={path} unit={unit} />
            {captured !== undefined && (
              <span class="muted">
                {t('today.captured')} <Value path={captured} unit={null} type="time" />
              </span>
            )}
          </li>
        ))}
      </ul>
    </Card>
  );
}
