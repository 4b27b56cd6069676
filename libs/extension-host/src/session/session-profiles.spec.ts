import { createHash } from 'node:crypto';
import { Box, until } from '../../test-support/box.js';

const Q = 900_000;
let box: Box;
const call = (name: string, args: unknown = {}): Promise<unknown> => box.host.call('m', name, args);
const rows = async (id = 'P.01') =>
  (await box.store.profiles.rows({ device: 'pcc', id, from: -1, to: 9e15 })).map(({ row, source }) => [...row, source]);

beforeAll(async () => {
  box = await Box.run({ m: { use: 'profiles' } });
  await until(() => box.status('m').state === 'running');
});
afterAll(() => box.close());

test('a load profile goes from the process into the store, each row once', async () => {
  await until(() => box.store.profiles.list().length === 1);
  expect(box.store.profiles.list()).toMatchObject([{ device: 'pcc', id: 'P.01', period: Q }]);
  expect(await call('last')).toEqual({});
  const source = 'P.01(1)(2)';
  const sha = createHash('sha256').update(source).digest('hex');
  expect(await call('append', { rows: [[Q, 0, '1.50'], [2 * Q, 128, null]], source })).toEqual({ value: 2 }); // prettier-ignore
  expect(await call('append', { rows: [[2 * Q, 128, null], [3 * Q, 0, '2']] })).toEqual({ value: 1 }); // prettier-ignore
  expect(await rows()).toEqual([
    [Q, 0, '1.50', sha],
    [2 * Q, 128, null, sha],
    [3 * Q, 0, '2', null],
  ]);
  expect(await call('last')).toEqual({ value: 3 * Q });
});

test('what is wrong is refused with its code, before and behind the process, and shown in its state', async () => {
  expect(await call('append', { rows: [[Q, 0, 1.5]] })).toMatchObject({ code: 'SMX_PROFILE_INVALID' });
  expect(await call('append', { rows: [[Q, 0, '7'], [4 * Q, 0, '3']] })).toMatchObject({ code: 'SMX_PROFILE_CONFLICT' }); // prettier-ignore
  const other = [{ obis: '1-0:2.8.0', unit: 'Wh' }];
  expect(await call('append', { rows: [[5 * Q, 0, '3']], columns: other })).toMatchObject({
    code: 'SMX_PROFILE_CHANGED',
  });
  expect((await rows()).map(([end]) => end)).toEqual([Q, 2 * Q, 3 * Q, 4 * Q]);
  expect(box.status('m').refusals.join()).toMatch(/kept with other content.*other columns/s);
});

test('a memory of 31 days comes in one call', async () => {
  expect(await call('many', { from: 5, to: 31 * 96 })).toEqual({ value: 31 * 96 - 5 });
  expect(await call('last')).toEqual({ value: (31 * 96 - 1) * Q });
});

test('an event brings its files, within their bounds', async () => {
  expect(await call('event', { size: 500_000 })).toEqual({});
  const events = (await box.store.events({})).filter(({ code }) => code === 'sag');
  expect(events).toMatchObject([{ path: 'pcc', files: ['wave.bin'] }]);
  expect((await box.store.eventFile(events[0]!.id, 'wave.bin'))!.bytes).toEqual(new Uint8Array(500_000).fill(9));
  expect(await call('event', { size: 600_000 })).toMatchObject({ code: 'SMX_EVENT_FILE' });
  expect(await call('event', { size: 1, name: '../../x' })).toMatchObject({ code: 'SMX_EVENT_FILE' });
});
