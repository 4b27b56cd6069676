import type { Device, InstanceState } from '@smx-edge/extension-api';
import { SmxError, type ProfileRow } from '@smx-edge/model';
import type { ShapedRow } from './profile-rows.js';
import { ProfileShelf } from './profile-shelf.js';

const QUARTER = 900_000;
const [ONE, TWO] = [['1.5'], ['1.5', '2.5']].map((channels) => ({
  period: QUARTER,
  channels: channels.map((address) => ({ address, unit: 'kW' })),
}));
/** A meter whose channels were changed, and changed back. */
const ROWS = [ONE!, ONE!, TWO!, ONE!].map((shape, i): ShapedRow => {
  const end = (i + 1) * QUARTER;
  return [end, [end, 0, ...shape.channels.map(() => '1.0')], shape];
});

/** A shelf that is cut before the append of this number, or refuses rows of these ends as kept otherwise. */
function shelfOf({ cutAt = Infinity, otherwise = [] as readonly number[] }): { shelf: ProfileShelf; kept: number[] } {
  const kept: number[] = [];
  const state = new Map<string, unknown>();
  let appends = 0;
  const append = async (rows: readonly ProfileRow[]): Promise<number> => {
    if (appends++ >= cutAt) throw new SmxError('SMX_STORE_FAILED', 'cut');
    kept.push(...rows.map(([end]) => end).filter((end) => !otherwise.includes(end)));
    if (rows.some(([end]) => otherwise.includes(end))) throw new SmxError('SMX_PROFILE_CONFLICT', 'kept otherwise');
    return rows.length;
  };
  const device = { name: 'pcc', profile: () => ({ append, last: async () => undefined }) };
  const own = { get: async (key: string) => state.get(key), set: async (key: string, value: unknown) => void state.set(key, value) }; // prettier-ignore
  const shelf = new ProfileShelf({ device: device as unknown as Device, name: 'P.01', state: own as InstanceState });
  return { shelf, kept };
}

describe('rows of several shapes', () => {
  it('are kept in the order of time, so that a cut leaves none out before the last that is kept', async () => {
    for (const cutAt of [0, 1, 2, 3]) {
      const { shelf, kept } = shelfOf({ cutAt });
      await shelf.append(ROWS).catch(() => undefined);
      expect(kept).toEqual(ROWS.map(([end]) => end).slice(0, kept.length));
    }
  });

  it('are kept but for those that are kept otherwise, which is told', async () => {
    const { shelf, kept } = shelfOf({ otherwise: [QUARTER] });
    await expect(shelf.append(ROWS)).rejects.toMatchObject({ code: 'SMX_PROFILE_CONFLICT' });
    expect(kept).toEqual([2, 3, 4].map((n) => n * QUARTER));
  });
});
