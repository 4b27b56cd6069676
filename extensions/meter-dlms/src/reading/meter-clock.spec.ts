import { Alarms, type Device } from '@smx-edge/extension-api';
import { SmxError, Zone, type Log } from '@smx-edge/model';
import { encodeDateTime, type GetResult } from '@smx-edge/protocols/cosem';
import { MeterClock } from './meter-clock.js';

const NOW = Date.UTC(2026, 5, 15, 12);

describe('the clock of a meter', () => {
  let answer: () => GetResult[];
  let values: Record<string, unknown>[];
  let warnings: string[];
  let clock: MeterClock;
  const read = (): Promise<void> => clock.read({ read: async () => answer() });
  const gives = (t: number): void => {
    answer = () => [{ data: { type: 'octet-string', value: encodeDateTime(t, { deviation: -120 }) } }];
  };

  beforeEach(() => {
    [values, warnings] = [[], []];
    const device = { name: 'pcc', point: () => undefined, set: (one: Record<string, unknown>) => values.push(one), event: async () => undefined }; // prettier-ignore
    const log = { warn: (text: string) => warnings.push(text) } as unknown as Log;
    clock = new MeterClock({
      ...{ device: device as unknown as Device, zone: new Zone('Europe/Rome'), maxAge: 180_000, log, now: () => NOW },
      object: { classId: 8, version: 0, obis: '0-0:1.0.0' },
      alarms: new Alarms({ kept: {}, save: async () => undefined }, log),
    });
  });

  it('that cannot be read is told as such, and is no fault of the rest of the meter', async () => {
    const bad = { 'clock/offset': { value: null, reason: expect.any(String) as string } };
    answer = () => [{ error: 3 }];
    await read();
    answer = () => {
      throw new SmxError('SMX_PROTOCOL_APDU', 'not understood');
    };
    await read();
    expect(values).toEqual([bad, bad]);
    expect(warnings).toHaveLength(1);
    gives(NOW + 2000);
    await read();
    expect(values.at(-1)).toEqual({ 'clock/offset': 2 });
    answer = () => {
      throw new SmxError('SMX_METER_SILENT', 'gone');
    };
    await expect(read()).rejects.toMatchObject({ code: 'SMX_METER_SILENT' });
  });

  it('says how far it is behind, 0 where it is ahead', async () => {
    expect(clock.behind).toBe(0);
    gives(NOW - 5000);
    await read();
    expect(clock.behind).toBe(5000);
    gives(NOW + 5000);
    await read();
    expect(clock.behind).toBe(0);
  });
});
