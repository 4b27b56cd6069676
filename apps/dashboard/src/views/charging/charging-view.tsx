import type { DeviceRecord } from '@smx-edge/model';
import type { Command } from '../../api/answers.js';
import { useAnswer } from '../../api/use-answer.js';
import { t } from '../../i18n/index.js';
import { devices, useDevices } from '../../state/devices.js';
import { points } from '../../state/live.js';
import { outletsOf } from '../../state/outlets.js';
import { InjectionsCard } from './injections-card.js';
import { OutletCard } from './outlet-card.js';
import { useStations } from './stations.js';

const RENEW = 2000;

/** The outlets that one instance relays. */
function Instance({ instance, names }: { instance: string | undefined; names: readonly string[] }) {
  const stations = useStations(instance);
  const { answer, again } = useAnswer<Command[]>('commands?open=true', RENEW);
  const told = (name: string) => {
    for (const station of stations ?? []) {
      const outlet = station.outlets.find(({ device }) => device === name);
      if (outlet !== undefined) return { station, outlet };
    }
    return undefined;
  };
  return (
    <>
      {names.map((name) => (
        <OutletCard
          key={name}
          name={name}
          points={points.value.filter(({ path }) => path.startsWith(`${name}/`))}
          told={told(name)}
          open={answer ?? []}
          onDone={again}
        />
      ))}
      {stations?.map((station) => (
        <InjectionsCard key={station.station} station={station} />
      ))}
    </>
  );
}

const ownerOf = (name: string, known: readonly DeviceRecord[]): string | undefined =>
  known.find((device) => device.name === name)?.instance;

/** Where cars charge: charge points, their two links, sessions, and who limits what and why. */
export function ChargingView() {
  useDevices();
  const names = outletsOf(points.value);
  const instances = [...new Set(names.map((name) => ownerOf(name, devices.value)))];
  return (
    <>
      <div class="head">
        <h1>{t('charging.title')}</h1>
      </div>
      {names.length === 0 && <p class="card empty">{t('charging.none')}</p>}
      {instances.map((instance) => (
        <Instance
          key={instance ?? ''}
          instance={instance}
          names={names.filter((name) => ownerOf(name, devices.value) === instance)}
        />
      ))}
    </>
  );
}
