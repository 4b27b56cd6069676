import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { DeviceRecord } from '@smx-edge/model';
import { useAnswer } from '../api/use-answer.js';
import { points, reading } from './live.js';

/** Devices with a granted point, as last told. */
export const devices = signal<readonly DeviceRecord[]>([]);

const RENEW = 30_000;

/** Keeps `devices` up to date while a view that shows them is open: a device that comes or goes is asked for at once. */
export function useDevices(): void {
  const online = points.value.filter(({ path }) => path.endsWith('/online'));
  const known = online.map(({ path }) => `${path}=${String(reading(path).value?.v)}`).join();
  const { answer, again } = useAnswer<DeviceRecord[]>('devices', RENEW);
  useEffect(() => {
    if (answer !== undefined) devices.value = answer;
  }, [answer]);
  useEffect(again, [known]);
}
