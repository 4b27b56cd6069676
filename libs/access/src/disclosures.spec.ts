import { allow, reads, smallGate, type SmallGate } from '../test-support/small-gate.js';

const QUARTER = 15 * 60_000;

const disclosed = ({ ledger }: SmallGate) => ledger.entries.filter(({ kind }) => kind === 'disclosure');

function meter(gate: SmallGate): { power: number; volts: number } {
  return { power: gate.live.declare('pcc/power'), volts: gate.live.declare('pcc/voltage') };
}

describe('disclosures', () => {
  it('are summed per quarter: points by form and grant, and nothing of who asked for nothing', () => {
    const gate = smallGate();
    const { power, volts } = meter(gate);
    const view = gate.party('esco', reads('pcc/power', { every: 60_000, round: 10 }), reads('pcc/voltage'));
    gate.party('idle', reads('#'));
    for (let i = 0; i < 5; i++) view.reading(power);
    view.reading(volts);
    gate.clock.advance(QUARTER);
    expect(disclosed(gate)).toMatchObject([
      {
        principal: 'esco',
        data: {
          role: 'esco',
          reads: [
            { grant: 1, every: '1m', as: 'mean', round: 10, points: ['pcc/power'] },
            { grant: 2, every: 'raw', points: ['pcc/voltage'] },
          ],
        },
      },
    ]);
    gate.clock.advance(QUARTER);
    expect(disclosed(gate)).toHaveLength(1);
  });

  it('name a set that was listed before by its hash, and list one that changed', () => {
    const gate = smallGate();
    const { power, volts } = meter(gate);
    const view = gate.party('esco', reads('#'));
    for (const handles of [[power], [power], [power, volts]]) {
      for (const handle of handles) view.reading(handle);
      gate.clock.advance(QUARTER);
    }
    const [first, second, third] = disclosed(gate).map(({ data }) => data);
    expect(second).toEqual({ role: 'esco', since: expect.any(Number), until: expect.any(Number), set: first!['set'] });
    expect(third!['set']).not.toBe(first!['set']);
    expect(third).toMatchObject({ reads: [{ points: ['pcc/power', 'pcc/voltage'] }] });
  });

  it('keep the form that held when the grant changes, ends or the box does', () => {
    const gate = smallGate();
    const { power } = meter(gate);
    const party = (every: number) => gate.party('esco', reads('pcc/power', { every }));
    party(60_000).reading(power);
    party(0).reading(power);
    gate.gate.removePrincipal('esco');
    expect(disclosed(gate)).toMatchObject([{ data: { reads: [{ every: '1m' }, { every: 'raw' }] } }]);
    gate.party('other', reads('pcc/power')).reading(power);
    gate.live.remove(power);
    gate.gate.close();
    expect(disclosed(gate)).toMatchObject([{}, { principal: 'other', data: { reads: [{ points: ['pcc/power'] }] } }]);
  });

  it('of history say the time asked for; refused and empty queries are none', async () => {
    const gate = smallGate();
    const { power } = meter(gate);
    const view = gate.party('esco', allow({ history: ['pcc/power'] }, { every: 60_000 }));
    const to = gate.clock.now();
    const from = to - 3_600_000;
    gate.history.rows.set(power, [[to - 60_000, 1]]);
    let chunks = 0;
    const read = async (match: string): Promise<void> => {
      for (const { rows } of await view.history({ match, from, to }))
        for await (const chunk of rows) chunks += chunk.length;
    };
    await read('pcc/power');
    await read('pcc/voltage');
    expect(chunks).toBe(1);
    gate.gate.close();
    expect(disclosed(gate)).toMatchObject([
      { data: { history: [{ grant: 1, every: '1m', as: 'mean', from, to, queries: 1, points: ['pcc/power'] }] } },
    ]);
  });

  it('are not what a preview shows', async () => {
    const gate = smallGate();
    const { power } = meter(gate);
    await gate.gate.preview('viewer', (view) => view.reading(power));
    gate.gate.close();
    expect(disclosed(gate)).toEqual([]);
    await expect(gate.gate.preview('nobody', () => 1)).rejects.toMatchObject({ code: 'SMX_ACCESS_ROLE_UNKNOWN' });
  });
});
