import type { DeviceRecord } from '@smx-edge/model';
import { Fragment } from 'preact';
import { t } from '../../i18n/index.js';
import { devices, useDevices } from '../../state/devices.js';
import { points, reading } from '../../state/live.js';
import { qualityMetersOf } from '../../state/quality-meters.js';
import { QualityEventsCard } from './events-card.js';
import { LoadsCard } from './loads-card.js';
import { PhasorCard } from './phasor-card.js';
import { ScopeCard } from './scope-card.js';
import { SpectrumCard } from './spectrum-card.js';
import { WeekCard } from './week-card.js';

/** All that one S1 port tells. */
function Meter({ name, record }: { name: string; record: DeviceRecord | undefined }) {
  const isOff = reading(`${name}/online`).value?.v === false;
  // while nothing comes the box would show what it last had, as if it were so now
  const instance = isOff ? undefined : record?.instance;
  return (
    <>
      {isOff && (
        <p class="note warn" role="status">
          {t('quality.off', { device: name, why: record?.reason ?? '' })}
        </p>
      )}
      {!isOff && <ScopeCard instance={instance} />}
      {!isOff && (
        <div class="grid">
          <PhasorCard instance={instance} device={name} />
          <SpectrumCard instance={instance} />
        </div>
      )}
      <WeekCard instance={record?.instance} />
      <QualityEventsCard device={name} />
      <LoadsCard instance={record?.instance} />
    </>
  );
}

/** What the samples of an S1 port show: waves, harmonics, the week after EN 50160, and what happened. */
export function QualityView() {
  useDevices();
  const names = qualityMetersOf(points.value, devices.value);
  return (
    <>
      <div class="head">
        <h1>{t('nav.quality')}</h1>
      </div>
      {names.length === 0 && <p class="card empty">{t('quality.none')}</p>}
      {names.map((name) => (
        <Fragment key={name}>
          {names.length > 1 && (
            <div class="head">
              <h2>{name}</h2>
            </div>
          )}
          <Meter name={name} record={devices.value.find((device) => device.name === name)} />
        </Fragment>
      ))}
    </>
  );
}
