import { Box, FIXTURES, until } from '../test-support/box.js';
import { detectIsolation } from './process/sandbox.js';

/** The same fixtures, but as packages somebody installed: nothing is theirs that the operator did not repeat. */
const installed = { firstParty: `${FIXTURES}/none` };

test('without allow: an installed package that asks for something is failed and says what it asks', async () => {
  const box = await Box.run({ a: { use: 'good', config: {} } }, { ...installed, isolation: {} });
  try {
    expect(box.status('a')).toMatchObject({
      origin: 'installed',
      state: 'failed',
      code: 'SMX_EXTENSION_CONFIG',
      reason: expect.stringMatching(/^extensions\.a\.allow: .* asks for publish #, network/),
    });
  } finally {
    await box.close();
  }
});

test('what allow: does not give stands in the state; with nothing given nothing is published', async () => {
  const allow = { command: ['battery/#'] };
  const box = await Box.run({ a: { use: 'good', config: {}, allow } }, { ...installed, isolation: {} });
  try {
    await until(
      () => box.status('a').refusals.length > 0,
      () => box.host.list(),
    );
    expect(box.status('a')).toMatchObject({ origin: 'installed', isolated: false });
    expect(box.status('a').notices).toEqual([
      expect.stringMatching(/^not isolated: .*sockets/),
      'asks for what allow: does not give: publish #, network',
      'allow: gives what it does not ask for: command battery/#',
    ]);
    expect(JSON.stringify(box.logged)).toContain('not isolated');
    expect(box.status('a').refusals[0]).toContain('outside permissions.publish');
    expect([...box.store.live.points()].map(({ definition }) => definition.path)).toEqual(['pcc/online']);
  } finally {
    await box.close();
  }
});

const isolation = detectIsolation();
const sandboxed = isolation.bubblewrap === undefined ? test.skip : test;

sandboxed('where the box has bubblewrap, it runs apart, says so, and is measured and ended all the same', async () => {
  const allow = { publish: ['#', 'power/#', 'voltage/+'] };
  const box = await Box.run(
    {
      a: { use: 'good', config: {}, allow: { publish: ['#'], network: true } },
      tries: { use: 'bad', config: { mode: 'outside' }, allow },
      leak: { use: 'bad', config: { mode: 'buffers', device: 'leak' }, allow, limits: { memory: '48MiB' } },
    },
    installed,
  );
  try {
    await until(
      () => box.value('pcc/runs') === 1,
      () => [box.host.list(), box.logged],
    );
    expect(box.status('a')).toMatchObject({ origin: 'installed', isolated: true, notices: [], state: 'running' });
    await until(
      () => (box.status('a').memory ?? 0) > 4 << 20,
      () => box.host.list(),
    );
    const [event] = await until(async () => {
      const found = (await box.store.events({})).filter(({ code }) => code === 'tried');
      return found.length > 0 && found;
    });
    expect(event?.data).toMatchObject({
      read: expect.not.stringMatching('allowed'),
      write: expect.not.stringMatching('allowed'),
    });
    await until(
      () => box.status('leak').code === 'SMX_EXTENSION_LIMIT',
      () => box.host.list(),
    );
    await box.host.restart('a');
    await until(() => box.value('pcc/runs') === 2);
  } finally {
    await box.close();
  }
});
