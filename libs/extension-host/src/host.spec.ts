import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Box, until } from '../test-support/box.js';

const SECRET = 'hunter2-very-secret';

describe('a well-behaved instance', () => {
  let box: Box;
  beforeAll(async () => {
    box = await Box.run({ meter: { use: 'good', config: { password: SECRET } } });
    await until(
      () => box.value('pcc/runs') === 1,
      () => [box.status('meter'), box.logged],
    );
  });
  afterAll(() => box.close());

  test('its values reach the live table with source time, unit, OBIS code and device', () => {
    const { live } = box.store;
    const handle = live.handleOf('pcc/power/active')!;
    expect(live.definition(handle)).toMatchObject({
      device: 'pcc',
      instance: 'meter',
      unit: 'W',
      obis: '1-0:16.7.0',
      kind: 'measurement',
      maxAge: 10_000,
    });
    const reading = live.reading(handle);
    expect(reading).toMatchObject({ value: -1234.5, quality: 0 });
    expect(reading.received - reading.t).toBeGreaterThanOrEqual(1000);
    expect(box.value('pcc/message')).toBe('hello');
    expect(box.value('pcc/online')).toBe(true);
    expect([...live.devices()]).toMatchObject([
      { name: 'pcc', instance: 'meter', kind: 'meter', online: true, serial: '123' },
    ]);
  });

  test('its status tells process, memory and counters', async () => {
    await until(() => box.status('meter').memory);
    expect(box.status('meter')).toMatchObject({
      state: 'running',
      origin: 'first-party',
      title: 'Well-behaved',
      restarts: 0,
      control: false,
      notices: [],
      devices: [{ asked: 'pcc', name: 'pcc' }],
      calls: ['echo', 'guest'],
      counters: { samples: 3, rejected: 0, exceptions: 0 },
    });
    expect(box.status('meter').memory).toBeLessThan(20 << 20);
  });

  test('a secret of its config is in no log, status or event', async () => {
    await until(() => box.logged.some(({ message }) => message.startsWith('printed')));
    const [event] = await until(async () => (await box.store.events({})).filter(({ code }) => code === 'started'));
    expect(event).toMatchObject({ path: 'pcc', text: 'run 1 with ***' });
    expect(JSON.stringify(box.logged)).not.toContain(SECRET);
    expect(JSON.stringify(box.host.list())).not.toContain(SECRET);
    expect(box.logged.map(({ message }) => message)).toContain('connecting with ***');
  });

  test('a set-point goes there and back over the process, with every answer', async () => {
    const handle = box.store.live.handleOf('pcc/power/limit')!;
    expect(box.store.live.definition(handle)).toMatchObject({
      kind: 'setpoint',
      setpoint: { min: 0, max: 5000, default: 5000, verify: 'pcc/power/active' },
    });
    const set = (value: number) => box.host.setpoint('meter', handle, { id: 'c', value });
    await expect(set(3000)).resolves.toEqual({ outcome: 'applied', value: 3000 });
    expect(box.value('pcc/power/active')).toBe(3000);
    await expect(set(4500)).resolves.toEqual({ outcome: 'clamped', value: 4000 });
    await expect(set(13)).resolves.toMatchObject({ outcome: 'refused', code: 'DEVICE_SAYS_NO' });
    await expect(box.host.release('meter', handle)).resolves.toEqual({ outcome: 'applied', value: 5000 });
    const other = box.store.live.handleOf('pcc/power/active')!;
    await expect(box.host.setpoint('meter', other, { id: 'c', value: 1 })).rejects.toMatchObject({
      code: 'SMX_POINT_UNKNOWN',
    });
  });

  test('calls are checked against their schema before the instance sees them', async () => {
    await expect(box.host.call('meter', 'echo', { text: 'hi' })).resolves.toEqual({ text: 'hi', instance: 'meter' });
    expect(box.host.callDetail('meter', 'echo', { text: 'hi' })).toBe('hi');
    expect(['hi', 'ho'].map((text) => box.host.isPlainCall('meter', 'echo', text))).toEqual([true, false]);
    await expect(box.host.call('meter', 'echo', { txt: 'hi' })).rejects.toMatchObject({
      code: 'SMX_EXTENSION_CALL',
      details: expect.arrayContaining([{ path: 'txt', expected: 'no such key; did you mean "text"?' }]),
    });
    await expect(box.host.call('meter', 'none', {})).rejects.toMatchObject({ code: 'SMX_EXTENSION_CALL' });
    await expect(box.host.call('nobody', 'echo', {})).rejects.toMatchObject({ code: 'SMX_EXTENSION_UNKNOWN' });
  });

  test('a point that it removes is gone, and comes back under its old handle', async () => {
    expect(['echo', 'guest', 'none'].map((name) => box.host.isPersonalCall('meter', name))).toEqual([
      false,
      true,
      false,
    ]);
    await box.host.call('meter', 'guest', { stays: true });
    await until(() => box.value('pcc/guest') === 1);
    const handle = box.store.live.handleOf('pcc/guest');
    await box.host.call('meter', 'guest', { stays: false });
    await until(() => box.store.live.handleOf('pcc/guest') === undefined);
    expect(box.value('pcc/online')).toBe(true);
    await box.host.call('meter', 'guest', { stays: true });
    await until(() => box.value('pcc/guest') === 1);
    expect(box.store.live.handleOf('pcc/guest')).toBe(handle);
    expect(box.status('meter').notices).toEqual([]);
    await box.host.call('meter', 'guest', { stays: false });
  });

  test('killed from outside it is back within a second, its state kept, and meanwhile nothing looks fresh', async () => {
    const { pid } = box.status('meter');
    const message = box.reading('pcc/message')!;
    process.kill(pid!, 'SIGKILL');
    await until(() => box.status('meter').state === 'failed');
    expect(box.status('meter')).toMatchObject({
      code: 'SMX_EXTENSION_DIED',
      reason: expect.stringContaining('SIGKILL'),
    });
    expect(box.status('meter').retryAt! - Date.now()).toBeLessThanOrEqual(1000);
    expect(box.value('pcc/online')).toBe(false);
    expect(box.reading('pcc/message')).toMatchObject({ value: 'hello', t: message.t, quality: 2 });
    expect(box.reading('pcc/message')?.reason).toContain('SIGKILL');
    await until(() => box.value('pcc/runs') === 2);
    expect(box.status('meter')).toMatchObject({ state: 'running', restarts: 1 });
    expect(box.value('pcc/online')).toBe(true);
  });

  test('a restart by hand stops the process in order', async () => {
    const { pid } = box.status('meter');
    await box.host.restart('meter');
    // who calls right behind it can wait until the instance is up
    await box.host.settled('meter');
    expect(box.host.callDetail('meter', 'echo', { text: 'hi' })).toBe('hi');
    await expect(box.host.call('meter', 'echo', { text: 'hi' })).resolves.toEqual({ text: 'hi', instance: 'meter' });
    await until(() => box.value('pcc/runs') === 3);
    expect(box.status('meter').pid).not.toBe(pid);
    expect(() => readFileSync(`/proc/${pid}/status`)).toThrow();
  });
});

describe('what an instance may read', () => {
  test('points, changes and history come through the gate as its permissions say; commands are not there yet', async () => {
    const box = await Box.run({ meter: { use: 'good', config: {} }, eye: { use: 'reader' } });
    try {
      const seen = (): Record<string, [unknown, string]> => JSON.parse(box.text('mirror/seen') ?? '{}');
      // declared it reads null already, and the meter takes set-points before it has said its first value
      await until(
        () => seen()['pcc/power/active']?.[0] === -1234.5,
        () => [box.host.list(), box.logged],
      );
      const handle = box.store.live.handleOf('pcc/power/limit')!;
      await box.host.setpoint('meter', handle, { id: 'c', value: 777 });
      await until(() => seen()['pcc/power/active']?.[0] === 777);
      expect(Object.keys(seen()).sort()).toEqual(['pcc/power/active', 'pcc/power/limit']);
      const points = (await box.host.call('eye', 'points', {})) as { path: string }[];
      expect(points.map(({ path }) => path).sort()).toEqual(['pcc/power/active', 'pcc/power/limit']);
      expect(points.find(({ path }) => path === 'pcc/power/active')).toMatchObject({
        value: 777,
        unit: 'W',
        quality: 'good',
      });
      const ask = { match: '#', from: Date.now() - 60_000, to: Date.now() + 60_000 };
      const history = (await box.host.call('eye', 'history', ask)) as [string, ...[number, unknown][]][];
      const rows = history.filter(([path]) => path === 'pcc/power/active').flatMap(([, ...chunk]) => chunk);
      expect(rows.map(([, value]) => value)).toEqual([-1234.5, 777]);
      expect(history.some(([path]) => path === 'pcc/message')).toBe(false);
      await expect(box.host.call('eye', 'command', {})).rejects.toMatchObject({ code: 'SMX_NOT_AVAILABLE' });
      // a killed reader leaves nothing behind that listens
      await box.host.restart('eye');
      // the text of the run before is stale, and only a new one is good
      await until(() => box.reading('mirror/seen')?.quality === 0 && seen()['pcc/power/active']?.[0] === 777);
    } finally {
      await box.close();
    }
  });
});

describe('names', () => {
  test('the instance earlier in the config has the name, the other is renamed visibly, and both keep theirs', async () => {
    const instances = { one: { use: 'good', config: {} }, two: { use: 'good', config: {} } };
    const box = await Box.run(instances);
    await until(
      () => box.value('pcc/runs') === 1 && box.value('pcc-two/runs') === 1,
      () => box.host.list(),
    );
    expect(box.status('two').devices).toEqual([{ asked: 'pcc', name: 'pcc-two' }]);
    expect(box.status('two').refusals).toEqual([expect.stringContaining('pcc-two')]);
    await box.halt();
    // in another order, and with the first one late, nobody changes names
    const again = await Box.open({ dir: box.dir });
    await again.host.start({ two: instances.two, one: instances.one });
    await until(
      () => again.value('pcc/runs') === 2 && again.value('pcc-two/runs') === 2,
      () => again.host.list(),
    );
    await again.halt();
    // who is configured no more frees its points
    const alone = await Box.open({ dir: box.dir });
    await alone.host.start({ three: instances.one });
    await until(() => alone.value('pcc/runs') === 1);
    expect(alone.value('pcc-two/runs')).toBeUndefined();
    await alone.close();
  });
});

describe('an orderly end', () => {
  test('stop takes the values off line; one that does not stop in time is killed', async () => {
    const box = await Box.run(
      { quick: { use: 'good', config: {} }, slow: { use: 'good', config: { device: 'slow', slowStop: true } } },
      { watchdog: { stop: 500 } },
    );
    await until(() => box.value('pcc/runs') === 1 && box.value('slow/runs') === 1);
    await until(() => box.status('slow').status);
    await box.host.stop();
    expect(box.status('quick')).toMatchObject({ state: 'stopped' });
    expect(box.status('quick').reason).toBeUndefined();
    expect(box.status('slow')).toMatchObject({ state: 'stopped', code: 'SMX_EXTENSION_TIMEOUT' });
    expect(box.value('pcc/online')).toBe(false);
    expect(box.reading('pcc/power/active')).toMatchObject({ quality: 2, reason: 'the instance was stopped' });
    await box.close();
  });
});

/** Whether a process still does anything; one that nobody has buried yet does not. */
function alive(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'latin1'));
  } catch {
    return false;
  }
}

test('when the core itself is killed, its instances end by themselves', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'smx-core-'));
  const core = spawn(process.execPath, [join(__dirname, '../test-support/core.js'), dir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(core.stdout, 'data')) as [Buffer];
  const pid = Number(line.toString());
  expect(alive(pid)).toBe(true);
  core.kill('SIGKILL');
  await until(() => !alive(pid));
  rmSync(dir, { recursive: true });
});
