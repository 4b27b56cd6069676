import type { InstanceState } from '../context.js';
import { PasswordTries } from './password-tries.js';

const DAY = 86_400_000;
let now = 0;
let kept: Map<string, string>;
let writes = 0;

const state: InstanceState = {
  get: async <T>(key: string) => (kept.has(key) ? (JSON.parse(kept.get(key)!) as T) : undefined),
  set: async (key, value) => {
    writes++;
    kept.set(key, JSON.stringify(value));
  },
};

/** As after a start of the instance. */
const tries = (password = 'secret', config: object = {}): PasswordTries =>
  new PasswordTries(state, { device: 'pcc', credentials: Buffer.from(password), config, now: () => now });

beforeEach(() => {
  now = Date.UTC(2026, 5, 1);
  kept = new Map();
  writes = 0;
});

describe('a password that gets no answer', () => {
  it('is given twice, over restarts and kills too, and then once a day', async () => {
    await tries().begin();
    await tries().begin();
    await expect(tries().begin()).rejects.toMatchObject({ code: 'SMX_METER_SILENT' });
    now += DAY - 1;
    await expect(tries().begin()).rejects.toMatchObject({ code: 'SMX_METER_SILENT' });
    now += 1;
    await tries().begin();
    await expect(tries().begin()).rejects.toMatchObject({ code: 'SMX_METER_SILENT' });
  });

  it('counts also where it was taken before', async () => {
    const one = tries();
    await one.begin();
    await one.proved();
    for (let n = 0; n < 2; n++) {
      await one.begin();
      await one.unanswered();
    }
    await expect(tries().begin()).rejects.toMatchObject({ code: 'SMX_METER_SILENT' });
  });

  it('begins anew once it is answered, with another password, and with another config', async () => {
    await tries().begin();
    const one = tries();
    await one.begin();
    await one.proved();
    await tries().begin();
    await tries().unanswered();
    const other = tries('other');
    await other.begin();
    await other.begin();
    await expect(other.begin()).rejects.toMatchObject({ code: 'SMX_METER_SILENT' });
    await tries('other', { source: 'tcp://192.0.2.7:4059' }).begin();
    expect(JSON.stringify([...kept])).not.toMatch(/secret|other/);
  });

  it('is counted once it is known to have been given, and never where what was taken is trusted', async () => {
    const one = tries();
    for (let n = 0; n < 5; n++) await one.check();
    for (let n = 0; n < 2; n++) {
      await tries().check();
      await tries().unanswered();
    }
    await expect(tries().check()).rejects.toMatchObject({ code: 'SMX_METER_SILENT' });
    now += DAY;
    const trusting = new PasswordTries(state, {
      ...{ device: 'pcc', credentials: Buffer.from('secret'), config: {}, trustsProven: true },
      now: () => now,
    });
    await trusting.check();
    await trusting.proved();
    for (let n = 0; n < 5; n++) {
      await trusting.check();
      await trusting.unanswered();
    }
  });

  it('does not wait for a clock that was set back', async () => {
    const one = tries();
    await one.begin();
    await one.begin();
    now -= 400 * DAY;
    await one.begin();
  });
});

it('a password that is taken each time is written down once', async () => {
  const one = tries();
  for (let n = 0; n < 1000; n++) {
    await one.begin();
    await one.proved();
  }
  expect(writes).toBe(2);
});
