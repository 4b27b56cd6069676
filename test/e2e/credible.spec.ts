import { Box } from './matrix/box.js';

/** What `box/quality/credible` reads at this very second. */
async function credible(box: Box): Promise<unknown> {
  const { live } = box.core.store;
  const handle = live.handleOf('box/quality/credible')!;
  while (live.reading(handle).t !== box.clock.now()) await new Promise((resolve) => setImmediate(resolve));
  return live.reading(handle).value;
}

describe('the percent of expected good samples of today', () => {
  const box = new Box();
  afterAll(() => box.stop());

  it('falls while a house is silent, and over a time without the box', async () => {
    await box.start();
    await credible(box);
    for (let k = 1; k <= 10; k++) await box.second(k);
    expect(await credible(box)).toBe(100);
    box.clock.advance(10_000);
    await credible(box);
    box.clock.advance(10_000);
    // one look of three, or two where the second came just before the samples were too old
    const silent = await credible(box);
    expect([33.3, 66.7]).toContain(silent);
    await box.core.stop();
    box.clock.advance(600_000);
    await box.start();
    // nothing is told before the store has said how today began
    let resumed = await credible(box);
    while (resumed === null) {
      box.clock.advance(10_000);
      resumed = await credible(box);
    }
    expect(resumed).toBeLessThan(10);
  });
});
