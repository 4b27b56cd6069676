import type { DiscoverStep } from '@smx-edge/extension-api';
import { Box } from '../../test-support/box.js';

describe('trials run in a process of their own', () => {
  let box: Box;
  beforeAll(async () => {
    box = await Box.run({}, { watchdog: { ping: 200, silence: 800 } });
  });
  afterAll(() => box.close());

  test('test answers; a throw, a refused line and a spinning one are its verdict, not the box’s trouble', async () => {
    await expect(box.host.test('trial', { mode: 'ok' })).resolves.toEqual({ ok: true, text: 'tried at number' });
    await expect(box.host.test('trial', { mode: 'no' })).resolves.toMatchObject({ ok: false });
    await expect(box.host.test('trial', { mode: 'throw' })).rejects.toMatchObject({
      code: 'SMX_EXTENSION_START',
      message: 'not what it claims to be',
    });
    await expect(box.host.test('trial', { mode: 'network' })).rejects.toMatchObject({
      code: 'SMX_EXTENSION_PERMISSION',
    });
    await expect(box.host.test('trial', { mode: 'spin' })).rejects.toMatchObject({ code: 'SMX_EXTENSION_TIMEOUT' });
    await expect(box.host.test('good', {})).resolves.toMatchObject({ ok: true });
    await expect(box.host.test('good', { devise: 1 })).rejects.toMatchObject({ code: 'SMX_EXTENSION_CONFIG' });
    await expect(box.host.test('nothing', {})).rejects.toMatchObject({ code: 'SMX_EXTENSION_UNKNOWN' });
  });

  test('discover gives its steps as they come', async () => {
    const steps: DiscoverStep[] = [];
    await expect(
      box.host.discover('trial', 'tcp://somewhere:1', { onStep: (step) => void steps.push(step) }),
    ).resolves.toBe(true);
    expect(steps).toEqual([
      { progress: 0.5, text: 'looking at tcp://somewhere:1' },
      { progress: 1, found: { title: 'a meter', config: { source: 'tcp://somewhere:1' } } },
    ]);
    await expect(box.host.discover('good', 'tcp://x:1', { onStep: () => {} })).resolves.toBe(false);
  });
});
