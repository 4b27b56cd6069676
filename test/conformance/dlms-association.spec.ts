import fc from 'fast-check';
import { DlmsClient, profileRows, type ClientStep } from '@smx-edge/protocols/dlms';
import {
  COLUMNS,
  dialogue,
  FRAMINGS,
  meterOf,
  PASSWORD,
  PERIOD,
  reading,
  rowsOf,
  settingsOf,
  START,
  type Terms,
} from './support/dlms-line.js';

/** Time and values of the rows of the one profile that was read. */
function rowsIn([step]: readonly ClientStep[]): unknown[] {
  const [result] = step?.kind === 'answer' ? step.results : [];
  if (result === undefined || !('data' in result)) throw new Error('no profile was read');
  return profileRows(result.data, { columns: COLUMNS, period: PERIOD }).map(({ t, values }) => [t, ...values.slice(1)]);
}

const MECHANISMS = [0, 1, 2, 3, 4, 5, 6] as const;
const REFERENCINGS = ['LN', 'SN'] as const;

describe.each(FRAMINGS)('a client and a meter over %s', (framing) => {
  describe.each(REFERENCINGS)('by %s', (referencing) => {
    it.each(MECHANISMS)('sign on with mechanism %s, read and part', (mechanism) => {
      const terms: Terms = { framing, referencing, mechanism };
      const client = new DlmsClient(settingsOf(terms));
      const line = dialogue(client, meterOf(terms));
      expect(line.run(client.connect())).toEqual([expect.objectContaining({ kind: 'associated' })]);
      expect(line.run(client.read([reading(terms, 'voltage')]))).toEqual([
        { kind: 'answer', results: [{ data: { type: 'long-unsigned', value: 2301 } }] },
      ]);
      expect(line.run(client.release())).toEqual([{ kind: 'released' }]);
      expect(client.state).toBe('closed');
    });
  });

  it.each([0, 1, 2] as const)('cipher under suite %s, each way of it', (suite) => {
    for (const ciphering of ['glo', 'ded', 'general-glo', 'general-ded'] as const)
      for (const blocks of ['none', 'get', 'general'] as const) {
        const terms: Terms = { framing, referencing: 'LN', mechanism: 5, suite, ciphering, blocks };
        const client = new DlmsClient(settingsOf(terms));
        const line = dialogue(client, meterOf(terms));
        expect(line.run(client.connect())).toEqual([expect.objectContaining({ kind: 'associated' })]);
        const before = line.sent.length;
        const steps = line.run(client.read([reading(terms, 'profile')]));
        expect(steps).toMatchObject([{ kind: 'answer', results: [{ data: { type: 'array' } }] }]);
        expect(rowsIn(steps)).toEqual(rowsOf(96).map((row, i) => [START + i * PERIOD * 1000, ...row.slice(1)]));
        if (framing === 'wrapper') expect(line.sent.length - before > 1).toBe(blocks !== 'none');
        expect(line.run(client.release())).toEqual([{ kind: 'released' }]);
      }
  });

  it.each(MECHANISMS.slice(1))('tell a wrong password of mechanism %s once and for all', (mechanism) => {
    const wrong: Terms = { framing, referencing: 'LN', mechanism };
    const terms = settingsOf(wrong);
    const secret = Buffer.from('another password');
    const client = new DlmsClient({
      ...terms,
      ...(mechanism === 5
        ? { security: { ...terms.security!, keys: { ...terms.security!.keys, block: Buffer.alloc(16, 9) } } }
        : { authentication: { ...terms.authentication, password: secret, secret } as typeof terms.authentication }),
    });
    const line = dialogue(client, meterOf(wrong));
    expect(line.run(client.connect())).toEqual([{ kind: 'fault', fault: { why: 'wrong-password' } }]);
    expect([client.state, client.timeout(), client.receive(Buffer.from('7e'))]).toEqual(['closed', [], []]);
  });

  it('tell a wrong key, a counter that fell, and a meter that plays its own again', () => {
    const terms: Terms = { framing, referencing: 'LN', mechanism: 1, suite: 0 };
    const right = settingsOf(terms);
    const faultOf = (security: Partial<NonNullable<typeof right.security>>, of: Terms = terms): unknown => {
      const client = new DlmsClient({ ...right, security: { ...right.security!, ...security } });
      return dialogue(client, meterOf(of)).run(client.connect())[0];
    };
    expect(faultOf({ keys: { ...right.security!.keys, block: Buffer.alloc(16, 7) } })).toMatchObject({
      fault: { why: 'wrong-key' },
    });
    expect(faultOf({}, { ...terms, clientCounter: 5000 })).toEqual({
      kind: 'fault',
      fault: { why: 'counter-fallen', least: 5001 },
    });
    expect(faultOf({ meterCounter: 8000 })).toMatchObject({
      fault: { why: 'meter-counter-fallen', last: 8000 },
    });
  });

  it('come to the same however the bytes are cut into pieces', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.constantFrom(...REFERENCINGS), (piece, referencing) => {
        const terms: Terms = { framing, referencing, mechanism: 4, blocks: 'get' };
        const client = new DlmsClient(settingsOf(terms));
        const line = dialogue(client, meterOf(terms), { piece });
        line.run(client.connect());
        expect(line.run(client.read([reading(terms, 'profile'), reading(terms, 'voltage')]))).toMatchObject([
          { kind: 'answer', results: [{ data: { type: 'array' } }, { data: { value: 2301 } }] },
        ]);
      }),
      { numRuns: 20 },
    );
  });

  it('never cross over after a cut at any byte: one fault of silence, or an answer that was read', () => {
    const terms: Terms = { framing, referencing: 'LN', mechanism: 3, blocks: 'get', rows: 6 };
    const exchange = (cut: number): { steps: unknown[]; passed: number } => {
      const client = new DlmsClient(settingsOf(terms));
      const line = dialogue(client, meterOf(terms), { cut });
      const steps: unknown[] = line.run(client.connect());
      if (client.state === 'associated') steps.push(...line.run(client.read([reading(terms, 'profile')])));
      return { steps, passed: line.passed };
    };
    const { passed, steps: whole } = exchange(Infinity);
    expect(whole).toMatchObject([{ kind: 'associated' }, { kind: 'answer' }]);
    for (let cut = 0; cut < passed; cut++) {
      const { steps } = exchange(cut);
      expect(steps.at(-1)).toEqual({ kind: 'fault', fault: { why: 'silent' } });
      expect(steps.slice(0, -1)).toEqual(whole.slice(0, steps.length - 1));
    }
  });

  it('end in a fact when bytes of the meter are changed, and read nothing that was not said', () => {
    const terms: Terms = { framing, referencing: 'LN', mechanism: 5, suite: 0 };
    fc.assert(
      fc.property(fc.nat(2000), fc.integer({ min: 1, max: 255 }), (position, mask) => {
        const client = new DlmsClient(settingsOf(terms));
        const line = dialogue(client, meterOf(terms), { change: { position, mask } });
        const steps = line.run(client.connect());
        if (client.state === 'associated') steps.push(...line.run(client.read([reading(terms, 'voltage')])));
        for (const step of steps)
          if (step.kind === 'answer') expect(step.results).toEqual([{ data: { type: 'long-unsigned', value: 2301 } }]);
        expect(['answer', 'fault', 'failed']).toContain(steps.at(-1)?.kind);
      }),
      { numRuns: 150 },
    );
  });
});

it('a password is never in what a client of high level authentication sends', () => {
  const terms: Terms = { framing: 'wrapper', referencing: 'LN', mechanism: 6 };
  const client = new DlmsClient(settingsOf(terms));
  const line = dialogue(client, meterOf(terms));
  line.run(client.connect());
  expect(Buffer.concat(line.sent).includes(PASSWORD)).toBe(false);
});
