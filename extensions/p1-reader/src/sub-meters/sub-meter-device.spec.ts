import { Alarms, type Device, type EventInit } from '@smx-edge/extension-api';
import { silentLog, SmxError } from '@smx-edge/model';
import type { SubMeter } from '@smx-edge/protocols/p1';
import { RegisterGuard } from '../guard/register-guard.js';
import type { Memory } from '../memory.js';
import { SubMeterDevice } from './sub-meter-device.js';

const HOUR = 3_600_000;
const START = Date.UTC(2026, 5, 15, 12);
const reading = (captured: number, value: number): SubMeter => ({
  ...{ channel: 1, medium: 'gas', type: 3, id: 'G4', ean: null, value, unit: 'm3', unitAssumed: false, captured },
  ...{ capturedLocal: null, reason: null, valve: null, rank: 'primary', obis: '0-1:24.2.3' },
});

describe('a sub-meter whose register is held', () => {
  it('is told of and told over though the box does not take it at first, before its next reading an hour later', async () => {
    const told: string[] = [];
    let isFull = false;
    const device = {
      ...{ name: 'gas', set: () => undefined, point: () => undefined, online: () => undefined },
      event: async (code: string, { state }: EventInit) => {
        if (isFull) throw new SmxError('SMX_STORE_FULL', 'the disk is full');
        told.push(`${code} ${state}`);
      },
    } as unknown as Device;
    const alarms = new Alarms({ kept: {}, save: async () => undefined }, silentLog);
    const memory = { kept: { version: 1 } } as unknown as Memory;
    const meter = new SubMeterDevice({ device, id: 'G4', guard: new RegisterGuard(), alarms, memory });
    const take = async (second: number, one: SubMeter): Promise<void> => {
      const t = START + second * 1000;
      meter.take(one, { t, received: t, quality: 'good', reason: undefined });
      await new Promise((resolve) => setImmediate(resolve));
    };
    await take(0, reading(START, 500));
    for (const [fallen, state] of [
      [true, 'raised'],
      [false, 'cleared'],
    ] as const) {
      const next = reading(START + HOUR * (fallen ? 1 : 2), fallen ? 3 : 501);
      isFull = true;
      await take(fallen ? 3600 : 7200, next);
      isFull = false;
      await take(fallen ? 3601 : 7201, next);
      expect(told.at(-1)).toBe(`register-held ${state}`);
    }
    expect(told).toHaveLength(2);
  });
});
