import { Alarms, type Device, type InstanceState, type Line, type SmxContext } from '@smx-edge/extension-api';
import { EventPace, Lock } from '@smx-edge/extension-api/metering';
import { silentLog, SmxError } from '@smx-edge/model';
import { MeterLine } from '../line/meter-line.js';
import { settingsOf, type DlmsConfig, type MeterSettings } from '../settings.js';
import { credentialsOf } from './credentials.js';
import { MeterReader } from './meter-reader.js';

const meter = (more: Partial<DlmsConfig> = {}): MeterSettings =>
  settingsOf({ source: 'tcp://127.0.0.1:1', auth: 'low', password: '00000000', ...more }, 'Europe/Rome').meters[0]!;

function lockOf(state: InstanceState, more: Partial<DlmsConfig> = {}): Lock {
  return new Lock(state, { device: 'pcc', credentials: credentialsOf(meter(more)) });
}

function memory(): InstanceState & { text(): string } {
  const kept = new Map<string, unknown>();
  return {
    get: async <T>(key: string) => kept.get(key) as T | undefined,
    set: async (key, value) => {
      if (value === null) kept.delete(key);
      else kept.set(key, value);
    },
    text: () => JSON.stringify([...kept]),
  };
}

describe('a meter that refused a password', () => {
  it('is left alone over restarts until the config says something else, and the password is not kept', async () => {
    const state = memory();
    const lock = lockOf(state);
    expect(await lock.reason()).toBeUndefined();
    await lock.set('wrong password');
    expect(await lockOf(state).reason()).toBe('wrong password');
    expect(await lockOf(state, { instantaneous: '5s' }).reason()).toBe('wrong password');
    expect(state.text()).not.toContain('00000000');
    expect(await lockOf(state, { password: '11111111' }).reason()).toBeUndefined();
    // having been lifted once, it stays so
    expect(await lockOf(state).reason()).toBeUndefined();
  });

  it('is left alone and told also where the disk is full, and that is kept once there is room', async () => {
    const state = memory();
    const full = { is: true };
    const told: string[] = [];
    let [now, asked] = [0, 0];
    const take = async (run: () => void | Promise<void>): Promise<void> => {
      if (full.is) throw new SmxError('SMX_STORE_FULL', 'the disk is full');
      await run();
    };
    const device = { name: 'pcc', online: () => undefined, event: (code: string) => take(() => void told.push(code)) };
    const kept: InstanceState = { get: (key) => state.get(key), set: (key, value) => take(() => state.set(key, value)) }; // prettier-ignore
    const smx = { config: {}, device: () => device as unknown as Device, state: kept, log: silentLog, now: () => now, status: () => undefined }; // prettier-ignore
    const reader = new MeterReader({
      smx: smx as unknown as SmxContext<DlmsConfig>,
      meter: meter(),
      alarms: await Alarms.load(kept, silentLog),
      pace: new EventPace(),
      line: {
        open: async () => {
          asked++;
          throw new SmxError('SMX_METER_REFUSED', 'wrong password');
        },
      },
    });
    const beats = async (): Promise<void> => {
      for (let i = 0; i < 120; i++) await reader.beat((now += 1000));
    };
    await beats();
    expect([asked, reader.state.code, told, state.text()]).toEqual([1, 'refused', [], '[]']);
    full.is = false;
    await beats();
    expect([asked, told]).toEqual([1, ['meter-refused']]);
    expect(await lockOf(state).reason()).toBe('wrong password');
  });
});

describe('a meter that is silent on a password', () => {
  /** How often a reader that is made anew after each two minutes gives it, and what its state says in the end. */
  async function given(transport: 'wrapper' | 'hdlc'): Promise<[number, string]> {
    const state = memory();
    const config: DlmsConfig = { source: 'tcp://127.0.0.1:1', auth: 'low', password: '00000000', transport };
    let [now, asked] = [0, 0];
    let code = '';
    for (let run = 0; run < 3; run++) {
      const line = new MeterLine({ line: { state: { status: 'open' }, write: async () => { asked++; } } as unknown as Line, settings: settingsOf(config, 'UTC'), state, silence: 1 }); // prettier-ignore
      const device = { name: 'pcc', online: () => undefined, event: async () => undefined };
      const smx = { config, state, log: silentLog, now: () => now, status: () => undefined, device: () => device as unknown as Device }; // prettier-ignore
      const alarms = await Alarms.load(state, silentLog);
      const reader = new MeterReader({ smx: smx as unknown as SmxContext<DlmsConfig>, meter: settingsOf(config, 'UTC').meters[0]!, alarms, pace: new EventPace(), line }); // prettier-ignore
      await reader.begin();
      for (let i = 0; i < 12; i++) await reader.beat((now += 10_000));
      ({ code } = reader.state);
    }
    return [asked, code];
  }

  it('is given it twice, also over restarts', async () => {
    expect(await given('wrapper')).toEqual([2, 'silent']);
  });

  it('is asked for a link as before, which shows it nothing', async () => {
    const [asked, code] = await given('hdlc');
    expect(code).toBe('silent');
    expect(asked).toBeGreaterThan(6);
  });
});

describe('settings', () => {
  const refused = (config: Partial<DlmsConfig>, path: string): void => {
    const given = { source: 'tcp://127.0.0.1:1', ...config };
    expect(() => settingsOf(given, 'UTC')).toThrow(expect.objectContaining({ code: 'SMX_CONFIG_INVALID', details: [expect.objectContaining({ path })] })); // prettier-ignore
  };

  it('say what is missing before a meter is asked anything', () => {
    expect(() => settingsOf({}, 'UTC')).toThrow(expect.objectContaining({ details: [expect.objectContaining({ path: 'source' })] })); // prettier-ignore
    refused({ push: { listen: 'udp://127.0.0.1:1', objects: [{ obis: '1-0:1.8.0', unit: 'kWh' }] } }, 'push.objects');
    refused({ source: 'udp://127.0.0.1:1' }, 'source');
    refused({ source: 'udp://127.0.0.1:1', transport: 'wrapper', referencing: 'sn' }, 'source');
    refused({ auth: 'low' }, 'password');
    refused({ auth: 'gmac' }, 'security');
    refused({ timezone: 'Europe/Bolzano' }, 'timezone');
    const keys = { 'encryption-key': '00'.repeat(16), 'authentication-key': '00'.repeat(16) };
    refused({ security: { suite: 2, ...keys } }, 'security.encryption-key');
  });

  it('put the config before the profile, and each further meter before both', () => {
    const config: DlmsConfig = {
      source: 'serial:/dev/ttyUSB0',
      profile: 'landis-gyr-zmd',
      password: 'hex:00ff',
      client: 33,
      physical: 651,
      others: { sub: { physical: 652, profile: 'generic', auth: 'none', client: 16 } },
    };
    const [first, second] = settingsOf(config, 'Europe/Rome').meters;
    expect(first).toMatchObject({ device: 'pcc', profile: { referencing: 'sn', client: 33, physical: 651 } });
    expect(first!.secret).toEqual(Buffer.from([0, 255]));
    expect(second).toMatchObject({
      device: 'sub',
      profile: { referencing: 'ln', client: 16, physical: 652, auth: 'none' },
    });
  });
});
