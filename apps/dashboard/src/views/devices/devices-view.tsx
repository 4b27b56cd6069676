import { t } from '../../i18n/index.js';
import { devices, useDevices } from '../../state/devices.js';
import { points } from '../../state/live.js';
import { route } from '../../state/route.js';
import { DeviceCard } from './device-card.js';
import { PointView } from './point-view.js';

/** What is wired to the box, and every value of it that this role may see. */
export function DevicesView() {
  useDevices();
  const { detail } = route.value;
  const chosen = points.value.find(({ path }) => path === detail);
  if (chosen !== undefined) return <PointView point={chosen} />;
  return (
    <>
      <div class="head">
        <h1>{t('devices.title')}</h1>
      </div>
      {devices.value.length === 0 && <p class="empty">{t('devices.none')}</p>}
      {devices.value.map((device) => (
        <DeviceCard
          key={device.name}
          device={device}
          points={points.value.filter(({ path }) => path.startsWith(`${device.name}/`))}
        />
      ))}
    </>
  );
}
