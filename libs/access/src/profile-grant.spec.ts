import { allow, smallGate, START } from '../test-support/small-gate.js';
import type { Conditions } from './role.js';

const HOUR = 3_600_000;
const at = (h: number): number => START + h * HOUR;
const moment = (h: number) => ({ t: at(h), local: false });

describe('a grant of load profiles', () => {
  const chains: readonly [string, Partial<Conditions>[], 'whole' | 'run' | 'none' | undefined][] = [
    ['no grant', [], undefined],
    ['without conditions', [{}], 'whole'],
    ['with a delay', [{ delay: HOUR }], 'run'],
    ['that begins', [{ from: moment(-5) }], 'run'],
    ['that begins and ends', [{ from: moment(-5), until: moment(5) }], 'run'],
    ['by hours', [{ hours: { from: 0, to: 12 * HOUR } }], 'none'],
    ['in two pieces', [{ until: moment(1) }, { from: moment(-1) }], 'none'],
    ['by hours beside one of all', [{ hours: { from: 0, to: 12 * HOUR } }, {}], 'whole'],
    ['of another profile', [{ from: moment(9) }], undefined],
  ];
  it.each(chains)('%s lets the chain go out as far as no row between is held back', (_, grants, chain) => {
    const { party } = smallGate('UTC');
    const view = party('dso', ...grants.map((conditions) => allow({ profiles: ['pcc/#'] }, conditions)));
    expect(view.profile('pcc/P.01')?.chain).toBe(chain);
    expect(view.profile('pv/P.01')).toBeUndefined();
  });

  it('shows rows by the time of their end, and no more once it is over', () => {
    const { clock, party, gate } = smallGate('UTC');
    const view = party('dso', allow({ profiles: ['pcc/P.01'] }, { from: moment(-2), until: moment(2), delay: HOUR }));
    const profile = view.profile('pcc/P.01')!;
    expect([-3, -2, -1, 0, 1].map((h) => profile.sees(at(h)))).toEqual([false, true, true, false, false]);
    clock.advance(HOUR);
    expect(profile.sees(at(0))).toBe(true);
    clock.advance(HOUR);
    expect([profile.sees(at(-1)), view.profile('pcc/P.01')]).toEqual([false, undefined]);
    gate.removePrincipal('dso');
    expect(profile.sees(at(-1))).toBe(false);
  });

  it('holds nothing back of a meter whose clock is ahead of the box, where no delay is asked', () => {
    const { party } = smallGate('UTC');
    const view = party('dso', allow({ profiles: ['pcc/#'], events: ['pcc/#'] }));
    const late = party('late', allow({ profiles: ['pcc/#'], events: ['pcc/#'] }, { delay: HOUR }));
    expect([view.profile('pcc/P.01')!.sees(at(1)), view.seesEvent('pcc', at(1))]).toEqual([true, true]);
    expect([late.profile('pcc/P.01')!.sees(at(1)), late.seesEvent('pcc', at(1))]).toEqual([false, false]);
  });

  it('lists the load profiles that it reaches, and tells when there is one more and when it begins and ends', () => {
    const { clock, party, profiles, gate } = smallGate('UTC');
    const view = party('dso', allow({ profiles: ['pcc/#'] }, { from: moment(1), until: moment(2) }));
    const listed = (match?: string): string[] => view.profiles(match).map(({ device, id }) => `${device}/${id}`);
    profiles.put('pcc', 'P.01');
    clock.advance(HOUR);
    expect(listed()).toEqual(['pcc/P.01']);
    const { revision } = view;
    profiles.put('pv', 'P.01');
    expect(view.revision).toBe(revision);
    profiles.put('pcc', 'P.02');
    expect(view.revision).toBe(revision + 1);
    expect([listed(), listed('+/P.01'), listed('pv/#')]).toEqual([['pcc/P.01', 'pcc/P.02'], ['pcc/P.01'], []]);
    clock.advance(HOUR);
    expect(listed()).toEqual([]);
    gate.removePrincipal('dso');
    expect(listed()).toEqual([]);
  });

  it('stands in the ledger with what was given under it', () => {
    const { clock, party, ledger } = smallGate();
    const view = party('dso', allow({ read: ['x'] }), allow({ profiles: ['#'] }));
    view.profile('pcc/P.01')!.given(at(1), at(2));
    view.profile('pcc/P.01')!.given(at(0), at(1));
    clock.advance(15 * 60_000);
    expect(ledger.entries.at(-1)!.data).toMatchObject({
      profiles: [{ grant: 2, every: 'raw', from: at(0), to: at(2), queries: 2, points: ['pcc/P.01'] }],
    });
  });
});
