import { Card } from '../../parts/card.js';
import { Value } from '../../parts/value.js';
import { quantityText } from '../../format/quantity.js';
import { language, t } from '../../i18n/index.js';
import { gridDevice } from '../../state/house.js';
import { points, reading } from '../../state/live.js';
import { currentNumber } from '../../state/reading.js';
import { IDLE } from './flow-words.js';

const PHASES = ['l1', 'l2', 'l3'] as const;
/** EN 50160: 230 V ± 10 %. */
const LOWEST = 207;
const HIGHEST = 253;

const isThere = (path: string): boolean => points.value.some((point) => point.path === path);

function Voltage({ path }: { path: string }) {
  const volts = currentNumber(reading(path).value);
  const low = volts !== undefined && volts < LOWEST;
  const high = volts !== undefined && volts > HIGHEST;
  return (
    <>
      <Value path={path} unit="V" />
      {(low || high) && <span class="warn-text"> {t(low ? 'grid.range.low' : 'grid.range.high')}</span>}
    </>
  );
}

/** Power with the way it goes in words: a sign alone is read either way. */
function SignedPower({ path }: { path: string }) {
  const watts = currentNumber(reading(path).value);
  if (watts === undefined) return <Value path={path} unit="W" />;
  const way = Math.abs(watts) < IDLE ? '' : t(watts > 0 ? 'grid.in' : 'grid.out');
  return (
    <span class="value" data-path={path}>
      <span class="number">{quantityText(Math.abs(watts), 'W', language.value)}</span> <span class="way">{way}</span>
    </span>
  );
}

/** What the meter at the connection says of the grid: per phase, tariff, frequency. */
export function MeterCard() {
  const device = gridDevice.value;
  if (device === undefined) return null;
  const rows = [
    { key: 'grid.voltage', paths: PHASES.map((phase) => `${device}/voltage/${phase}`) },
    { key: 'grid.current', paths: PHASES.map((phase) => `${device}/current/${phase}`) },
    { key: 'grid.power', paths: PHASES.map((phase) => `${device}/power/active/${phase}`) },
  ] as const;
  const phases = PHASES.filter((_phase, i) => rows.some(({ paths }) => isThere(paths[i]!)));
  const [tariff, frequency] = [`${device}/tariff`, `${device}/frequency`];
  if (phases.length === 0 && !isThere(tariff) && !isThere(frequency)) return null;
  return (
    <Card
      title={t('grid.title')}
      class="meter"
      aside={
        isThere(tariff) && (
          <span class="chip">
            {t('grid.tariff')} <Value path={tariff} unit={null} />
          </span>
        )
      }
    >
      {phases.length > 0 && (
        <table class="phases">
          <thead>
            <tr>
              <th scope="col">{t('grid.phase')}</th>
              {rows.map(
                ({ key, paths }) =>
                  paths.some(isThere) && (
                    <th key={key} scope="col">
                      {t(key)}
                    </th>
                  ),
              )}
            </tr>
          </thead>
          <tbody>
            {phases.map((phase) => (
              <tr key={phase}>
                <th scope="row">{phase.toUpperCase()}</th>
                {rows.map(({ key, paths }) => {
                  const path = paths[PHASES.indexOf(phase)]!;
                  if (!paths.some(isThere)) return null;
                  return (
                    <td key={key}>
                      {key === 'grid.voltage' ? (
                        <Voltage path={path} />
                      ) : key === 'grid.power' ? (
                        <SignedPower path={path} />
                      ) : (
                        <Value path={path} unit="A" />
                      )}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {isThere(frequency) && (
        <dl class="pairs">
          <dt>{t('grid.frequency')}</dt>
          <dd>
            <Value path={frequency} unit="Hz" />
          </dd>
        </dl>
      )}
    </Card>
  );
}
