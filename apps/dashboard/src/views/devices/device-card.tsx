import type { DeviceRecord } from '@smx-edge/model';
import type { Point } from '../../api/answers.js';
import { clockText } from '../../parts/value.js';
import { t } from '../../i18n/index.js';
import { PointTable } from './point-table.js';

/** One device: whether it is there, since when, who reads it; its values open beneath. */
export function DeviceCard({ device, points }: { device: DeviceRecord; points: readonly Point[] }) {
  const { name, kind, instance, online, since, reason, manufacturer, model, serial } = device;
  const facts = [
    [t('devices.manufacturer'), manufacturer],
    [t('devices.model'), model],
    [t('devices.serial'), serial],
    [t('devices.by'), instance],
  ] as const;
  return (
    <details class="card device">
      <summary>
        <h2>{name}</h2>
        <span class="muted">{kind}</span>
        <span class={`badge ${online ? 'good' : 'bad'}`}>{t(online ? 'devices.online' : 'devices.offline')}</span>
        <span class="muted">{t('devices.since', { time: clockText(since) })}</span>
        <span class="muted count">{t('devices.points', { count: points.length })}</span>
        {!online && reason !== undefined && <span class="why">{reason}</span>}
      </summary>
      <dl class="facts">
        {facts.map(
          ([label, value]) =>
            value !== undefined && (
              <div key={label}>
                <dt>{label}</dt>
                <dd>{value}</dd>
              </div>
            ),
        )}
      </dl>
      <PointTable points={points} />
    </details>
  );
}
