import fc from 'fast-check';
import {
  encodeAare,
  encodeLnResponse,
  encodeNotification,
  encodeWrapper,
  seal,
  wrapCiphered,
  wrapGeneral,
} from '@smx-edge/protocols/cosem';
import { DlmsClient, profileRows, type ClientStep } from '@smx-edge/protocols/dlms';
import { encodeFrame, HdlcFramer, type HdlcFrame } from '@smx-edge/protocols/hdlc';
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

/** Changed exchanges by default; a longer run sets the number. */
const FUZZ = Number(process.env['DLMS_FUZZ'] ?? 150);
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
        : { authentication: Object.assign({}, terms.authentication, { password: secret, secret }) }),
    });
    const line = dialogue(client, meterOf(wrong));
    expect(line.run(client.connect())).toEqual([{ kind: 'fault', fault: { why: 'wrong-password' } }]);
    expect([client.state, client.timeout(), client.receive(Buffer.from('7e'))]).toEqual(['closed', [], []]);
  });

  it('tell by which mechanism the meter wants the proof, where it says so', () => {
    const aare = (result: number): Uint8Array =>
      encodeAare({ ...{ apdu: 'aare', context: 'LN', result, source: 'user', diagnostic: 14, mechanism: 7 }, authentication: Buffer.from('a challenge of the meter') }); // prettier-ignore
    for (const result of [0, 1]) {
      const client = new DlmsClient(settingsOf({ framing: 'wrapper', referencing: 'LN', mechanism: 5 }));
      client.connect();
      const apdu = encodeWrapper({ source: 1, destination: 16, apdu: aare(result) });
      expect(client.receive(apdu)).toMatchObject([{ kind: 'fault', fault: { why: 'rejected', permanent: true, mechanism: 7 } }]); // prettier-ignore
    }
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

  it.each<[string, Partial<Terms>]>([
    ['by logical names with blocks', { referencing: 'LN', blocks: 'get' }],
    ['by short names with blocks', { referencing: 'SN', blocks: 'get' }],
    ['by short names, ciphered', { referencing: 'SN', suite: 0 }],
    ['by logical names, ciphered, in general blocks', { suite: 0, ciphering: 'general-glo', blocks: 'general' }],
  ])('never cross over after a cut at any byte, %s: one fault of silence, or an answer that was read', (_, more) => {
    const terms: Terms = { framing, referencing: 'LN', mechanism: 1, rows: 6, ...more };
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
      { numRuns: FUZZ },
    );
  });
});

describe('a line with another master on it', () => {
  const terms: Terms = { framing: 'hdlc', referencing: 'LN', mechanism: 0 };
  /** What the other asks of this meter and is answered, and what it hears of another meter: numbers that are not ours. */
  const foreign = [
    [Uint8Array.of(0x41), Uint8Array.of(0x03)],
    [Uint8Array.of(0x21), Uint8Array.of(0x05)],
  ].map(([to, from]) =>
    encodeFrame({
      ...{ segmented: false, to: to!, from: from! },
      control: { type: 'I', nr: 1, ns: 1, pf: true },
      info: Buffer.concat([
        Buffer.from('e6e700', 'hex'),
        encodeLnResponse({ apdu: 'get-response', type: 'normal', invoke: 0xc2, result: { data: { type: 'long-unsigned', value: 9999 } } }), // prettier-ignore
      ]),
    }),
  );

  it('brings the own answer, whatever of the other stands before, behind or in the midst of it', () => {
    for (const other of foreign) {
      const whole = answerOf();
      for (let at = 0; at <= whole.length; at++) {
        const client = new DlmsClient(settingsOf(terms));
        const meter = meterOf(terms);
        dialogue(client, meter).run(client.connect());
        const [asked] = client.read([reading(terms, 'voltage')]);
        const answer = meter.receive(asked?.kind === 'send' ? asked.bytes : new Uint8Array(0))[0]!;
        const facts = client.receive(Buffer.concat([answer.subarray(0, at), other, answer.subarray(at)]));
        for (let silence = 0; client.state === 'reading' && silence < 3; silence++)
          for (const step of client.timeout())
            if (step.kind === 'send')
              facts.push(...meter.receive(step.bytes).flatMap((bytes) => client.receive(bytes)));
        const answers = facts.filter(({ kind }) => kind === 'answer');
        expect([at, answers]).toEqual([at, [{ kind: 'answer', results: [{ data: { type: 'long-unsigned', value: 2301 } }] }]]); // prettier-ignore
      }
    }
  });

  function answerOf(): Uint8Array {
    const client = new DlmsClient(settingsOf(terms));
    const meter = meterOf(terms);
    dialogue(client, meter).run(client.connect());
    const [asked] = client.read([reading(terms, 'voltage')]);
    return meter.receive(asked?.kind === 'send' ? asked.bytes : new Uint8Array(0))[0]!;
  }
});

describe('a client by short names', () => {
  it.each(['glo', 'general-glo'] as const)('ciphers its reads and blocks: %s', (ciphering) => {
    const terms: Terms = { framing: 'hdlc', referencing: 'SN', mechanism: 1, suite: 0, ciphering, blocks: 'get' };
    const client = new DlmsClient(settingsOf(terms));
    const line = dialogue(client, meterOf(terms));
    line.run(client.connect());
    expect(rowsIn(line.run(client.read([reading(terms, 'profile')])))).toHaveLength(96);
  });
});

describe('a meter with ways of its own', () => {
  const terms: Terms = { framing: 'hdlc', referencing: 'LN', mechanism: 3 };

  it.each([true, false])(
    'that echoes the tag of the conformance block, with lengths for the short one: %s',
    (shortTag) => {
      const lg: Terms = { framing: 'wrapper', referencing: 'SN', mechanism: 1, echoesTag: true };
      const meter = meterOf(lg);
      const client = new DlmsClient({ ...settingsOf(lg), shortTag });
      const [aarq] = client.connect();
      if (aarq?.kind !== 'send') throw new Error('nothing was sent');
      const [answer] = meter.receive(aarq.bytes);
      const aare = Buffer.from(answer!).subarray(8);
      const tag = aare.indexOf(Buffer.from(shortTag ? '5f0400' : '5f1f0400', 'hex'));
      expect(tag).toBeGreaterThan(0);
      // length of the whole, behind its tag, and of what begins four bytes before the block: BE, its 04, then the initiate
      const outside = [aare.length - 2 - aare[1]!, aare.length - (tag - 3) - aare[tag - 4]!];
      expect(outside).toEqual(shortTag ? [0, 0] : [1, 1]);
      expect(client.receive(answer!)).toMatchObject([{ kind: 'associated', agreement: { vaaName: 0xfa00 } }]);
      expect(dialogue(client, meter).run(client.read([reading(lg, 'voltage')]))).toMatchObject([{ kind: 'answer' }]);
    },
  );

  it('that still holds the association of a line that was cut is taken again', () => {
    const meter = meterOf(terms);
    const first = new DlmsClient(settingsOf(terms));
    dialogue(first, meter).run(first.connect());
    const second = new DlmsClient(settingsOf(terms));
    const line = dialogue(second, meter);
    expect(line.run(second.connect())).toMatchObject([{ kind: 'associated' }]);
    expect(line.run(second.read([reading(terms, 'voltage')]))).toMatchObject([{ kind: 'answer' }]);
  });

  it('that does not answer a DISC gets its SNRM, and one that says nothing at all is silent', () => {
    const client = new DlmsClient(settingsOf(terms));
    client.connect();
    const frames: HdlcFrame[] = [];
    const [step] = client.timeout();
    new HdlcFramer((frame) => frames.push(frame)).push(step?.kind === 'send' ? step.bytes : Buffer.of());
    expect(frames).toMatchObject([{ control: { type: 'SNRM' } }]);
    expect([client.timeout(), client.timeout(), client.timeout()].at(-1)).toEqual([
      { kind: 'fault', fault: { why: 'silent' } },
    ]);
  });

  it('that is not ready for a while is waited for, and does not count as silent', () => {
    const meter = meterOf(terms);
    const client = new DlmsClient(settingsOf(terms));
    dialogue(client, meter).run(client.connect());
    const [asked] = client.read([reading(terms, 'voltage')]);
    const frames: HdlcFrame[] = [];
    new HdlcFramer((frame) => frames.push(frame)).push(asked?.kind === 'send' ? asked.bytes : new Uint8Array(0));
    const [{ to, from, control }] = frames as [HdlcFrame];
    const nr = control.type === 'I' ? control.ns : NaN;
    const rnr = encodeFrame({ segmented: false, to: from, from: to, control: { type: 'RNR', nr, pf: true }, info: new Uint8Array(0) }); // prettier-ignore
    for (let i = 0; i < 10; i++) {
      expect(client.receive(rnr)).toEqual([]);
      expect(client.timeout()).toMatchObject([{ kind: 'send' }]);
    }
    const answer = meter.receive(asked?.kind === 'send' ? asked.bytes : new Uint8Array(0)).flatMap((bytes) => client.receive(bytes)); // prettier-ignore
    expect(answer).toMatchObject([{ kind: 'answer' }]);
  });

  it('whose numbers never rise is asked again only where its answers say to what they are: one that came twice would pass for the next', () => {
    const steps = REFERENCINGS.map((referencing) => {
      const lenient: Terms = { ...terms, referencing };
      const options = settingsOf(lenient);
      const transport = { ...options.transport, lenientSequence: true } as typeof options.transport;
      const client = new DlmsClient({ ...options, transport });
      dialogue(client, meterOf(lenient)).run(client.connect());
      client.read([reading(lenient, 'voltage')]);
      return client.timeout();
    });
    expect(steps).toMatchObject([[{ kind: 'send' }], [{ kind: 'fault', fault: { why: 'silent' } }]]);
  });

  it('has released whatever it answers to a release: a wrong RLRE, an exception, nothing', () => {
    const wrapped: Terms = { ...terms, framing: 'wrapper' };
    for (const answer of ['6303800100', '6305800100', 'd80101', '']) {
      const client = new DlmsClient(settingsOf(wrapped));
      dialogue(client, meterOf(wrapped)).run(client.connect());
      client.release();
      const apdu = Buffer.from(answer, 'hex');
      const steps =
        answer === '' ? client.timeout() : client.receive(encodeWrapper({ source: 1, destination: 16, apdu }));
      expect([steps, client.state]).toEqual([[{ kind: 'released' }], 'closed']);
    }
  });

  it('that speaks unasked is heard between the answers, ciphered or not, and once only', () => {
    const plain = encodeNotification({
      ...{ apdu: 'data-notification', invoke: 1, dateTime: new Uint8Array(0) },
      data: { type: 'unsigned', value: 7 },
    });
    const wrapped: Terms = { ...terms, framing: 'wrapper', suite: 0 };
    const { security, ...rest } = settingsOf(wrapped);
    const client = new DlmsClient({ ...rest, security: security! });
    const line = dialogue(client, meterOf(wrapped));
    line.run(client.connect());
    const title = Buffer.from('MTR00001');
    const text = seal(plain, { keys: security!.keys, title, counter: 900, protection: security!.protection });
    const bytes = encodeWrapper({ source: 1, destination: 16, apdu: wrapGeneral(title, text, 'general-glo') });
    expect(client.receive(bytes)).toMatchObject([{ kind: 'push', notification: { data: { value: 7 } } }]);
    expect(client.meterCounter).toBe(900);
    expect(client.receive(bytes)).toMatchObject([{ kind: 'fault', fault: { why: 'meter-counter-fallen' } }]);
  });

  it('whose answer is under another key is not taken to have other keys than before: the next association may be asked for', () => {
    const wrapped: Terms = { ...terms, framing: 'wrapper', suite: 0 };
    const { security, ...rest } = settingsOf(wrapped);
    const client = new DlmsClient({ ...rest, security: security! });
    dialogue(client, meterOf(wrapped)).run(client.connect());
    const plain = encodeLnResponse({ apdu: 'get-response', type: 'normal', invoke: 0xc2, result: { data: { type: 'unsigned', value: 9 } } }); // prettier-ignore
    const keys = { ...security!.keys, block: Buffer.alloc(16, 9) };
    const text = seal(plain, { keys, title: Buffer.from('MTR00001'), counter: 900, protection: security!.protection });
    client.read([reading(wrapped, 'voltage')]);
    const bytes = encodeWrapper({ source: 1, destination: 16, apdu: wrapCiphered(plain[0]!, text, 'glo') });
    expect(client.receive(bytes)).toMatchObject([{ kind: 'fault', fault: { why: 'forged' } }]);
  });

  it('that sends its client its own challenge back proves nothing', () => {
    const options = settingsOf({ ...terms, framing: 'wrapper' });
    const client = new DlmsClient({ ...options, challenge: Buffer.from('a challenge of the meter') });
    const line = dialogue(client, meterOf({ ...terms, framing: 'wrapper' }));
    expect(line.run(client.connect())).toEqual([{ kind: 'fault', fault: { why: 'meter-unproven' } }]);
  });
});

it('a password is never in what a client of high level authentication sends', () => {
  const terms: Terms = { framing: 'wrapper', referencing: 'LN', mechanism: 6 };
  const client = new DlmsClient(settingsOf(terms));
  const line = dialogue(client, meterOf(terms));
  line.run(client.connect());
  expect(Buffer.concat(line.sent).includes(PASSWORD)).toBe(false);
});
