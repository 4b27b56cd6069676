import { Box } from './matrix/box.js';
import { Party } from './matrix/exits.js';

/** What the newest `state` and the point say of the clock. */
const said = (party: Party): unknown[] => [party.state['clock'], party.now['box/clock/ok']];

describe('a clock that was never set', () => {
  const box = new Box(Date.UTC(2025, 11, 31, 23, 59, 55));
  let party: Party;
  afterAll(async () => {
    party.close();
    await box.stop();
  });

  it('is in doubt for every message, and no more once it is set', async () => {
    await box.start();
    party = await Party.enter(box.core, 'root');
    const until = async (condition: () => boolean): Promise<void> => {
      while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
    };
    await until(() => party.now['box/clock/ok'] === false);
    expect(said(party)).toEqual(['unsure', false]);
    for (let k = 1; k <= 15; k++) await box.second(k);
    // where a time service runs it tells more than that nothing speaks against the clock
    await until(() => party.now['box/clock/ok'] !== false && party.state['clock'] === 'ok');
  });
});
