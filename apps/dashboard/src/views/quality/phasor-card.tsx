import { useCall } from '../../api/use-call.js';
import { t } from '../../i18n/index.js';
import { Card } from '../../parts/card.js';
import { Value } from '../../parts/value.js';
import { lagOf, sequenceOf, type Phasor, type Phasors } from '../../quality/phasors.js';
import { points } from '../../state/live.js';
import { channelName, colourOf } from './channels.js';
import { PhasorDrawing } from './phasor-drawing.js';
import { Told } from './told.js';
import { inUnit } from './words.js';

const RENEW = 2000;

const degrees = (value: number | undefined): string =>
  value === undefined ? '–' : inUnit(Number(value.toFixed(1)), '°');

function Cells({ phasor, unit }: { phasor: Phasor | null | undefined; unit: 'V' | 'A' }) {
  return (
    <>
      <td>{inUnit(phasor?.rms, unit)}</td>
      <td>{degrees(phasor?.angle)}</td>
    </>
  );
}

function Table({ phasors }: { phasors: Phasors }) {
  const { voltage, current } = phasors;
  return (
    <div class="scroll" tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">{t('quality.phase')}</th>
            <th scope="col">{t('quality.voltage')}</th>
            <th scope="col">{t('quality.angle')}</th>
            <th scope="col">{t('quality.current')}</th>
            <th scope="col">{t('quality.angle')}</th>
            <th scope="col">{t('quality.lag')}</th>
          </tr>
        </thead>
        <tbody>
          {[...new Set([...Object.keys(voltage), ...Object.keys(current)])].map((name) => (
            <tr key={name}>
              <th scope="row">
                <span class={`swatch c-${colourOf(name)}`} aria-hidden="true" />
                {channelName(name)}
              </th>
              <Cells phasor={voltage[name]} unit="V" />
              <Cells phasor={current[name]} unit="A" />
              <td>{degrees(lagOf(phasors, name))}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Fundamentals as arrows and in figures, in which order the phases come, and how uneven they are. */
export function PhasorCard({ instance, device }: { instance: string | undefined; device: string }) {
  const asked = useCall<Phasors>({ instance, name: 'phasors', renew: RENEW });
  const { answer } = asked;
  const sequence = answer && sequenceOf(answer.voltage);
  const unbalance = points.value.find(({ path }) => path === `${device}/pq/unbalance`);
  return (
    <Card title={t('quality.phasors')} class="phasors">
      <Told instance={instance} name="phasors" asked={asked}>
        {answer !== undefined && (
          <>
            <PhasorDrawing voltage={answer.voltage} current={answer.current} />
            <Table phasors={answer} />
            <dl class="facts">
              <div>
                <dt>{t('quality.frequency')}</dt>
                <dd>{inUnit(Number(answer.frequency.toFixed(3)), 'Hz')}</dd>
              </div>
              {Object.keys(answer.voltage).length > 1 && (
                <div>
                  <dt>{t('quality.sequence')}</dt>
                  <dd>{sequence ?? t('quality.sequence.unknown')}</dd>
                </div>
              )}
              {unbalance !== undefined && (
                <div>
                  <dt>{t('quality.unbalance')}</dt>
                  <dd>
                    <Value path={unbalance.path} unit="1" wordy /> %
                  </dd>
                </div>
              )}
            </dl>
            <p class="muted">{t('quality.phasors.help')}</p>
          </>
        )}
      </Told>
    </Card>
  );
}
