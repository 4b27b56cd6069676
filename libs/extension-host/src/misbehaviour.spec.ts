import { spawnSync } from 'node:child_process';
import { Box, until } from '../test-support/box.js';
import type { InstanceConfig } from './supervision/instance-config.js';

/** A good neighbour beside the bad one in each case: it must not notice. */
const bad = (mode: string, more: Partial<InstanceConfig> = {}): InstanceConfig => ({
  use: 'bad',
  config: { mode },
  ...more,
});

const named = (mode: string, more: Partial<InstanceConfig> = {}): InstanceConfig =>
  bad(mode, { config: { mode, device: `d-${mode}` }, ...more });

let box: Box;

async function run(instances: Record<string, InstanceConfig>, watchdog = {}): Promise<void> {
  box = await Box.run({ good: { use: 'good', config: {} }, ...instances }, { watchdog });
}

const tell = (): unknown => [
  box.host.list().map(({ id, state, reason, counters }) => ({ id, state, reason, counters })),
  box.logged.slice(-5),
];

afterEach(async () => {
  expect(box.status('good')).toMatchObject({ state: 'running', restarts: 0 });
  expect(box.value('pcc/runs')).toBe(1);
  await box.close();
});

const goodUp = (): Promise<unknown> => until(() => box.value('pcc/runs') === 1, tell);

test('a throw in start fails the instance with its words; a fault that waiting cannot mend is not tried again', async () => {
  await run({ a: bad('throw-start'), b: bad('config-error') });
  await goodUp();
  await until(() => box.status('a').state === 'failed' && box.status('b').state === 'failed', tell);
  await until(() => box.status('a').retryAt);
  expect(box.status('a')).toMatchObject({ code: 'SMX_EXTENSION_START', reason: 'no such meter' });
  expect(box.status('a').retryAt! - Date.now()).toBeGreaterThan(5000);
  expect(box.status('b')).toMatchObject({ code: 'SMX_CONFIG_INVALID', reason: 'wrong key' });
  expect(box.status('b').retryAt).toBeUndefined();
  const events = await until(async () => {
    const found = await box.store.events({});
    return found.filter(({ code }) => code === 'instance.failed').length === 2 && found;
  });
  expect(events).toContainEqual(expect.objectContaining({ state: 'raised', text: 'Instance a: no such meter' }));
});

test('an exception in a callback is logged once with its origin and counted, and the instance lives', async () => {
  await run({ a: bad('throw-timer') });
  await goodUp();
  await until(() => box.status('a').counters.exceptions > 5, tell);
  expect(box.status('a')).toMatchObject({ state: 'running', restarts: 0 });
  const logged = box.logged.filter(({ message }) => message.includes('broken beat'));
  expect(logged).toHaveLength(1);
  expect(logged[0]).toMatchObject({ level: 'error', fields: { instance: 'a' } });
  expect(logged[0]?.message).toContain('every 20ms');
});

test('what no callback of the runtime guards ends the process with its reason, and it comes back once at once', async () => {
  const modes = {
    uncaught: 'nobody catches this',
    reject: 'nobody awaits this',
    'error-event': 'no listener',
    exit: 'status 3',
  };
  await run(Object.fromEntries(Object.keys(modes).map((mode) => [mode, named(mode)])));
  await goodUp();
  for (const [mode, words] of Object.entries(modes)) {
    await until(() => box.status(mode).restarts === 1 && box.status(mode).state === 'failed', tell);
    expect(box.status(mode)).toMatchObject({ code: 'SMX_EXTENSION_DIED', reason: expect.stringContaining(words) });
    // the second early death backs off
    const { retryAt, since } = box.status(mode);
    expect(Math.round((retryAt! - since) / 1000)).toBe(10);
    expect(box.value(`d-${mode}/online`)).toBe(false);
  }
});

test('a process that spins is ended as not responding', async () => {
  await run({ a: bad('spin') }, { ping: 200, silence: 1000 });
  await goodUp();
  await until(() => box.status('a').code === 'SMX_EXTENSION_TIMEOUT', tell);
  expect(box.logged).toContainEqual(
    expect.objectContaining({ level: 'error', fields: expect.objectContaining({ reason: 'not responding for 1 s' }) }),
  );
});

test('a process that leaks heap or buffers ends at its memory limit', async () => {
  const limits = { memory: '48MiB' };
  await run({ heap: named('heap', { limits }), buffers: named('buffers', { limits }) });
  await goodUp();
  for (const mode of ['heap', 'buffers']) {
    await until(() => box.status(mode).code === 'SMX_EXTENSION_LIMIT', tell);
    expect(box.status(mode).reason).toContain('memory');
  }
});

const capped = spawnSync('prlimit', ['--version']).status === 0 ? test : test.skip;

capped('a burst of memory that no look at the process shows is refused by the kernel', async () => {
  await run({ burst: named('burst', { limits: { memory: '48MiB' } }) });
  await goodUp();
  const [event] = await until(async () => {
    const found = (await box.store.events({})).filter(({ code }) => code === 'got');
    return found.length > 0 && found;
  }, tell);
  // it asked for 1024
  const { mebibytes, refused } = event!.data as { mebibytes: number; refused: string };
  expect(mebibytes).toBeLessThan(200);
  expect(refused).toContain('allocation failed');
  expect(box.status('burst').state).toBe('running');
});

test('an instance that floods is held back: the core reads no more of it than the limit, and tells', async () => {
  await run({ a: bad('flood', { limits: { samples: 1000 } }) }, { overload: 600_000 });
  await goodUp();
  await until(() => box.status('a').state === 'degraded', tell);
  expect(box.status('a')).toMatchObject({ code: 'SMX_EXTENSION_LIMIT', reason: expect.stringContaining('held back') });
  await until(() => box.status('a').counters.throttled > 0, tell);
  // the burst of ten seconds and what has come since
  expect(box.status('a').counters.samples).toBeLessThan(1000 * 60);
  // the neighbour is still asked and answers
  await expect(box.host.call('good', 'echo', { text: 'still here' })).resolves.toMatchObject({ text: 'still here' });
  expect(box.status('a').restarts).toBe(0);
});

test('one that asks without end costs the box no more than its share, and ends where it takes no answer', async () => {
  await run({ asks: named('ask-flood'), unread: named('unread', { limits: { state: '1MiB' } }) });
  await goodUp();
  const ended = (): boolean => box.logged.some(({ fields }) => String(fields?.['reason']).includes('answers wait'));
  await until(ended, tell, 50_000);
  expect(box.status('unread')).toMatchObject({ state: 'failed', code: 'SMX_EXTENSION_LIMIT' });
  await until(() => box.status('asks').refusals.some((text) => text.includes('Too many subscriptions')), tell);
  await expect(box.host.call('good', 'echo', { text: 'still here' })).resolves.toMatchObject({ text: 'still here' });
}, 60_000);

test('devices and points made without end stop at a bound, and nothing is kept of what is over it', async () => {
  await run({ a: bad('device-flood'), b: named('name-flood', { limits: { points: 100 } }) });
  await goodUp();
  await until(() => box.status('a').refusals.includes('more than 500 devices'), tell);
  await until(() => box.status('b').refusals.some((text) => text.includes('new points within a day')), tell);
  expect(box.status('a').devices).toHaveLength(500);
  // 500 devices, 100 + 500 new points, and the handful of the good one
  await until(() => box.status('b').counters.rejected > 100, tell);
  expect(box.store.live.limit).toBeLessThan(1200);
});

test('no length or strangeness of what it says ends an instance', async () => {
  await run({ a: bad('long-words') });
  await goodUp();
  await until(() => box.value('bad/power/told') !== undefined, tell);
  await until(() => box.value('bad/power/told') !== null, tell);
  expect(box.value('bad/power/told')).toBe('SMX_EXTENSION_LIMIT');
  for (const name of ['big', 'strange', 'schemaless'])
    await expect(box.host.call('a', name, {})).rejects.toMatchObject({
      code: expect.stringMatching(/^SMX_EXTENSION_/),
    });
  expect(box.reading('bad/power/text')).toMatchObject({ value: null, quality: 3 });
  expect([...box.store.live.devices()].find(({ name }) => name === 'bad')).toMatchObject({ serial: '12' });
  expect(box.status('a')).toMatchObject({ state: 'running', restarts: 0 });
});

test('an instance that stays over its limit for long is ended', async () => {
  await run({ a: bad('raw-flood') }, { overload: 1500 });
  await goodUp();
  await until(() => box.status('a').state === 'failed' && box.status('a').code === 'SMX_EXTENSION_LIMIT', tell);
  expect(box.status('a').reason).toContain('over its rate');
});

test('a process that sends what is no message, or too long a one, is ended', async () => {
  const modes = { garbage: 'SMX_EXTENSION_DIED', 'not-json': 'SMX_EXTENSION_DIED', huge: 'SMX_EXTENSION_LIMIT' };
  await run(Object.fromEntries(Object.keys(modes).map((mode) => [mode, named(mode)])));
  await goodUp();
  for (const [mode, code] of Object.entries(modes)) {
    await until(() => box.status(mode).state === 'failed', tell);
    expect(box.status(mode).code).toBe(code);
  }
});

test('a value that was not declared, or lies outside publish, never reaches the table and is told', async () => {
  await run({ a: bad('undeclared') });
  await goodUp();
  await until(() => box.value('bad/power/active') === 2 && box.status('a').counters.rejected >= 2, tell);
  expect(box.value('bad/power/never')).toBeUndefined();
  expect(box.value('bad/serial')).toBeUndefined();
  expect(box.status('a').refusals).toEqual([
    expect.stringContaining('bad/power/never'),
    expect.stringContaining('bad/serial is outside permissions.publish'),
  ]);
  expect(box.status('a').state).toBe('running');
});

test('a handle of another instance is refused, counted and shown', async () => {
  await run({});
  await goodUp();
  const before = box.reading('pcc/power/active');
  await box.close();
  box = await Box.run({ good: { use: 'good', config: {} }, a: bad('alien') });
  await goodUp();
  await until(() => box.status('a').counters.rejected > 0, tell);
  expect(box.status('a').refusals).toEqual(['samples of points that it had not declared']);
  expect(box.reading('pcc/power/active')?.value).toBe(before?.value);
  expect([...box.store.live.points()].every(({ handle }) => box.store.live.value(handle) !== 99)).toBe(true);
});

test('files, processes, threads and the environment of the core are out of reach', async () => {
  process.env['SMX_TEST_SECRET'] = 'core only';
  await run({ a: bad('outside') });
  delete process.env['SMX_TEST_SECRET'];
  await goodUp();
  const [event] = await until(async () => {
    const found = (await box.store.events({})).filter(({ code }) => code === 'tried');
    return found.length > 0 && found;
  }, tell);
  expect(event?.data).toEqual({
    read: 'ERR_ACCESS_DENIED',
    write: 'ERR_ACCESS_DENIED',
    spawn: 'ERR_ACCESS_DENIED',
    worker: 'ERR_ACCESS_DENIED',
    own: 'allowed',
    secret: 'absent',
    options: 'absent',
  });
});

test('limits of points and state hold, and say so', async () => {
  await run({
    a: bad('many-points', { limits: { points: 10 } }),
    b: { use: 'bad', config: { mode: 'big-state', device: 'worse' }, limits: { state: 1000 } },
  });
  await goodUp();
  await until(() => box.status('a').refusals.length > 0, tell);
  expect(box.status('a').refusals[0]).toContain('limit of 10 points');
  expect([...box.store.live.points()].filter(({ definition }) => definition.path.startsWith('bad/power'))).toHaveLength(
    10,
  );
  await until(() => box.status('b').status, tell);
  expect(box.status('b').status).toEqual({ state: 'warning', text: 'SMX_EXTENSION_LIMIT' });
});

test('a flood of output is counted, not written', async () => {
  await run({ a: bad('chatter') });
  await goodUp();
  await until(() => box.logged.some(({ fields }) => Number(fields?.['lines']) > 100), tell);
  expect(box.logged.filter(({ message }) => message.startsWith('chatter')).length).toBeLessThan(500);
});

test('what cannot run is shown failed with its place, and hinders nobody', async () => {
  await run({
    typo: { use: 'goood', config: {} },
    key: { use: 'good', config: { devise: 'x', poll: 'soon' } },
    future: { use: 'old-api' },
    broken: { use: 'broken-manifest' },
    schema: { use: 'no-schema' },
    limit: { use: 'good', config: { device: 'other' }, limits: { memory: 'lots' } },
  });
  await goodUp();
  expect(box.host.list().map(({ id, state, code }) => [id, state, code])).toEqual([
    ['good', 'running', undefined],
    ['typo', 'failed', 'SMX_EXTENSION_UNKNOWN'],
    ['key', 'failed', 'SMX_EXTENSION_CONFIG'],
    ['future', 'failed', 'SMX_EXTENSION_API'],
    ['broken', 'failed', 'SMX_EXTENSION_MANIFEST'],
    ['schema', 'failed', 'SMX_EXTENSION_MANIFEST'],
    ['limit', 'failed', 'SMX_CONFIG_INVALID'],
  ]);
  expect(box.status('key').reason).toContain('extensions.key.config.devise: no such key; did you mean "device"?');
});
