import { LaneHouse } from '../../test-support/lane-house.js';
import type { LaneStore } from './lane-options.js';
import { recordKinds } from './record-kinds.js';

describe('kinds of records', () => {
  let house: LaneHouse;
  beforeEach(async () => void (house = await LaneHouse.open()));
  afterEach(() => house.remove());

  it('are read once for all links that look at the same time, and again for what came later', async () => {
    const { store } = house;
    const reads: number[] = [];
    const counted: LaneStore = {
      ...{ lane: store.lane, profiles: store.profiles, onEvent: (listener) => store.onEvent(listener) },
      events: (query) => {
        reads.push(query.after);
        return store.events(query);
      },
    };
    const { event } = recordKinds(counted);
    const told = (text: string): Promise<{ readonly id: number }> =>
      store.addEvent({ t: 0, path: 'battery', code: 'TEST', severity: 'info', state: 'once', text });
    const first = await told('first');
    const all = await Promise.all(Array.from({ length: 40 }, () => event.after(first.id - 1, 500)));
    expect(new Set(all.map((page) => page.map(({ text }) => text).join()))).toEqual(new Set(['first']));
    expect(reads).toEqual([first.id - 1]);
    await told('second');
    const later = await event.after(first.id - 1, 500);
    expect(later.map(({ text }) => text)).toEqual(['first', 'second']);
  });
});
