import { Box } from './matrix/box.js';

/** What `box/quality/credible` reads at this very second. */
async function credible(box: Box): Promise<unknown> {
  const { live } = box.core.store;
  const handle = live.handleOf('box/quality/credible')!;
  while (live.reading(handle).t !== box.clock.now()) await new Promise((resolve) => setImmediate(resolve));
  return live.reading(handle).value;
}

/** The same, once the store has said how the day began; time goes on by `pass` until then. */
async function told(box: Box, pass: () => Promise<void> | void): Promise<unknown> {
  let value = await credible(box);
  while (value === null) {
    await pass();
    value = await credible(box);
  }
  return value;
}

describe('the percent of expected good samples of today', () => {
  const box = new Box();
  afterAll(() => box.stop());

  it('falls while a house is silent, and over a time without the box', async () => {
    await box.start();
    await credible(box);
    const speak = async (): Promise<void> => {
      for (let k = 1; k <= 10; k++) await box.second(k);
    };
    await speak();
    expect(await told(box, speak)).toBe(100);
    box.clock.advance(10_000);
    await credible(box);
    box.clock.advance(10_000);
    // one look of three, or two where the second came just before the samples were too old
    const silent = await credible(box);
    expect([33.3, 66.7]).toContain(silent);
    await box.core.stop();
    box.clock.advance(600_000);
    await box.start();
    expect(await told(box, () => box.clock.advance(10_000))).toBeLessThan(10);
  });
});
