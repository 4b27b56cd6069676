import fc from 'fast-check';
import * as cosem from '@smx-edge/protocols/cosem';
import * as dlms from '@smx-edge/protocols/dlms';
import { DlmsClient, type ClientStep, type Reading } from '@smx-edge/protocols/dlms';
import {
  COLUMNS,
  dialogue,
  meterOf,
  PERIOD,
  reading,
  rowsOf,
  settingsOf,
  START,
  type Terms,
} from './support/dlms-line.js';

const REFERENCINGS = ['LN', 'SN'] as const;
const WRAPPER = 8;

const associated = (terms: Terms) => {
  const client = new DlmsClient(settingsOf(terms));
  const line = dialogue(client, meterOf(terms));
  expect(line.run(client.connect())).toMatchObject([{ kind: 'associated' }]);
  return { client, line };
};

/** A client whose meter says what the spec lets it say. */
const alone = (terms: Terms, readings: readonly Reading[]) => {
  const { client, line } = associated(terms);
  const asked = client.read(readings);
  const say = (apdu: Uint8Array): ClientStep[] =>
    client.receive(cosem.encodeWrapper({ source: 1, destination: 16, apdu }));
  return { client, line, asked, say };
};

const apduOf = (step: ClientStep | undefined): Uint8Array => {
  if (step?.kind !== 'send') throw new Error('nothing was sent');
  return step.bytes.subarray(WRAPPER);
};

const block = (number: number, raw: Uint8Array, last = false): Uint8Array =>
  cosem.encodeLnResponse({
    ...{ apdu: 'get-response', type: 'with-datablock', invoke: invokeOf, block: number, last },
    result: { raw },
  });
/** Of the first read of a client. */
const invokeOf = 0xc2;

describe.each(REFERENCINGS)('reading by %s', (referencing) => {
  it.each(['none', 'get'] as const)('brings lists in order, with blocks: %s', (blocks) => {
    const terms: Terms = { framing: 'hdlc', referencing, mechanism: 1, blocks };
    const { client, line } = associated(terms);
    const many = Array.from({ length: 40 }, (_, i) => reading(terms, i % 3 === 1 ? 'clock' : 'voltage'));
    const [step] = line.run(client.read([...many, reading(terms, 'profile')]));
    const results = step?.kind === 'answer' ? step.results : [];
    expect(results.map((one) => ('data' in one ? one.data.type : one.error))).toEqual([
      ...many.map((_, i) => (i % 3 === 1 ? 'octet-string' : 'long-unsigned')),
      'array',
    ]);
  });

  it('goes one by one where the meter takes no lists, and tells each error in its place', () => {
    const terms: Terms = { framing: 'wrapper', referencing, mechanism: 0, noLists: true };
    const { client, line } = associated(terms);
    const unknown = { classId: 3, name: new Uint8Array(6), attribute: 2, shortName: 0x7770 };
    expect(line.run(client.read([reading(terms, 'voltage'), unknown, reading(terms, 'voltage')]))).toMatchObject([
      { kind: 'answer', results: [{ data: { value: 2301 } }, { error: 4 }, { data: { value: 2301 } }] },
    ]);
  });

  it('chooses rows by range and by entry', () => {
    const terms: Terms = { framing: 'hdlc', referencing, mechanism: 0 };
    const { client, line } = associated(terms);
    const rows = rowsOf(96);
    const rangeOf = (from: number, to: number): dlms.Selector => ({
      by: 'range',
      ...{ column: COLUMNS[0]!, from: rows[from]![0]!, to: rows[to]![0]! },
    });
    const times = (selector: dlms.Selector): (number | undefined)[] => {
      const [step] = line.run(client.read([reading(terms, 'profile', selector)]));
      const [result] = step?.kind === 'answer' ? step.results : [];
      if (result === undefined || !('data' in result)) throw new Error('no profile was read');
      return dlms.profileRows(result.data, { columns: COLUMNS, period: PERIOD }).map(({ t }) => t);
    };
    const expected = (from: number, to: number): number[] =>
      Array.from({ length: to - from + 1 }, (_, i) => START + (from + i) * PERIOD * 1000);
    // over the hour that comes twice
    expect(times(rangeOf(10, 20))).toEqual(expected(10, 20));
    expect(times({ by: 'entry', from: 3, to: 7 })).toEqual(expected(2, 6));
    expect(times({ by: 'entry', from: 90, to: 0 })).toEqual(expected(89, 95));
  });
});

describe('an answer that is no good', () => {
  const terms: Terms = { framing: 'wrapper', referencing: 'LN', mechanism: 0, blocks: 'get' };
  const one = reading(terms, 'profile');

  it.each<[string, Uint8Array, object]>([
    ['begins with another block', block(2, Uint8Array.of(0)), { why: 'block', expected: 1, got: 2 }],
    ['has an empty block', block(1, new Uint8Array(0)), { why: 'block' }],
    ['is no value', block(1, Uint8Array.of(0x77), true), { why: 'malformed' }],
    ['is longer than is taken', block(1, new Uint8Array(1024 * 1024 + 1)), { why: 'long', limit: 1024 * 1024 }],
    ['is given up', Uint8Array.of(0xc4, 2, invokeOf, 1, 0, 0, 0, 1, 1, 15), { why: 'aborted', result: 15 }],
    ['is an exception', Uint8Array.of(0xd8, 1, 2), { why: 'refused' }],
    ['is to something else', Uint8Array.of(0xc5, 1, invokeOf, 0), { why: 'mismatch' }],
  ])('%s: the read fails, and the next one goes', (_what, answer, fault) => {
    const { client, line, say } = alone(terms, [one]);
    // more than one wrapper holds comes in blocks of what it does
    const pieces = answer.length > 0xffff ? manyBlocks(answer.length) : [answer];
    const steps = pieces.flatMap(say);
    expect(steps.filter(({ kind }) => kind !== 'send')).toMatchObject([{ kind: 'failed', fault }]);
    expect(line.run(client.read([reading(terms, 'voltage')]))).toMatchObject([{ kind: 'answer' }]);
  });

  it('to an earlier request is not taken for the next', () => {
    const { client, line, say } = alone(terms, [one]);
    const late = cosem.encodeLnResponse({
      ...{ apdu: 'get-response', type: 'normal', invoke: invokeOf - 1 },
      result: { data: { type: 'unsigned', value: 9 } },
    });
    expect(say(late)).toEqual([{ kind: 'ignored', why: 'invoke' }]);
    expect(client.state).toBe('reading');
    expect(line.sent.length).toBeGreaterThan(0);
  });

  it.each<[string, (invoke: number) => number[]]>([
    ['one error', (invoke) => [0xc4, 3, invoke, 1, 3]],
    ['one error without its kind', (invoke) => [0xc4, 3, invoke, 1, 1, 3]],
    ['an exception', () => [0xd8, 1, 2]],
  ])('of %s for a whole list has each attribute asked alone, and after three such no list is asked', (_, refusal) => {
    const two = [reading(terms, 'voltage'), reading(terms, 'clock')];
    const { client, say, asked } = alone(terms, two);
    const answered = (request: ClientStep): ClientStep[] => {
      const { type, invoke } = cosem.decodeLnRequest(apduOf(request)) as { type: string; invoke: number };
      one.push(type);
      const result = { data: { type: 'unsigned', value: 7 } } as const;
      const alone = cosem.encodeLnResponse({ apdu: 'get-response', type: 'normal', invoke, result });
      return say(type === 'with-list' ? Uint8Array.from(refusal(invoke)) : alone);
    };
    const seen: string[][] = [];
    let one: string[] = [];
    for (let steps = asked; seen.length < 4; steps = client.read(two)) {
      one = [];
      for (let next = steps; next[0]?.kind === 'send'; next = answered(next[0]));
      seen.push(one);
    }
    expect(seen).toEqual([...Array.from({ length: 3 }, () => ['with-list', 'normal', 'normal']), ['normal', 'normal']]);
  });
});

function manyBlocks(length: number): Uint8Array[] {
  const size = 60_000;
  return Array.from({ length: Math.ceil(length / size) }, (_, i) => block(i + 1, new Uint8Array(size)));
}

describe('general blocks', () => {
  const terms: Terms = { framing: 'wrapper', referencing: 'LN', mechanism: 0, blocks: 'general' };
  const answer = cosem.encodeLnResponse({
    ...{ apdu: 'get-response', type: 'normal', invoke: invokeOf },
    result: { data: { type: 'octet-string', value: Uint8Array.from({ length: 200 }, (_, i) => i) } },
  });
  const piece = (number: number, { streaming = false, last = false, size = 20 } = {}): Uint8Array =>
    cosem.encodeGeneralBlock({
      ...{ apdu: 'general-block-transfer', last, streaming, window: 1, block: number, acknowledged: 0 },
      data: answer.subarray((number - 1) * size, number * size),
    });
  const acknowledged = (step: ClientStep | undefined): number => {
    const apdu = cosem.decodeGeneralBlock(apduOf(step));
    expect([apdu.data.length, apdu.last, apdu.streaming]).toEqual([0, true, false]);
    return apdu.acknowledged;
  };

  it('that are lost are asked for again, and doubles change nothing', () => {
    const { say } = alone(terms, [reading(terms, 'profile')]);
    expect(acknowledged(say(piece(1))[0])).toBe(1);
    expect([say(piece(2, { streaming: true })), say(piece(4, { streaming: true }))]).toEqual([[], []]);
    expect(acknowledged(say(piece(5))[0])).toBe(2);
    for (let number = 2; number < 11; number++) say(piece(number, { streaming: true }));
    expect(say(piece(11, { last: true }))).toMatchObject([
      { kind: 'answer', results: [{ data: { value: expect.objectContaining({ length: 200 }) } }] },
    ]);
  });

  it('that never go on end in a failed read, and silence repeats what came', () => {
    const { client, say } = alone(terms, [reading(terms, 'profile')]);
    say(piece(1));
    expect(acknowledged(client.timeout()[0])).toBe(1);
    const facts = Array.from({ length: 20 }, () => say(piece(1))).flat();
    expect(facts.filter(({ kind }) => kind === 'failed')).toMatchObject([{ fault: { why: 'mismatch' } }]);
  });
});

describe('what a client can put on a wire', () => {
  /** Tags of plain APDUs that may go to a meter. */
  const ALLOWED = new Set(['aarq', 'rlrq', 'get-request', 'read-request', 'action-request', 'general-block-transfer']);

  it('reads whatever is asked and whatever the meter says; the one action is the proof of the client', () => {
    const selectors: fc.Arbitrary<dlms.Selector> = fc.oneof(
      fc.record({ by: fc.constant('entry' as const), from: fc.nat(), to: fc.nat() }),
      fc.record({
        by: fc.constant('range' as const),
        column: fc.constantFrom(...COLUMNS),
        from: fc.constant(rowsOf(1)[0]![0]!),
        to: fc.record({ type: fc.constant('octet-string' as const), value: fc.uint8Array() }),
      }),
    );
    fc.assert(
      fc.property(
        fc.constantFrom(...REFERENCINGS),
        fc.integer({ min: 0, max: 6 }),
        fc.array(fc.record({ number: fc.nat(0xffff), selector: selectors }), { minLength: 1, maxLength: 5 }),
        fc.array(fc.uint8Array({ maxLength: 30 }), { maxLength: 4 }),
        (referencing, mechanism, asked, answers) => {
          const terms: Terms = { framing: 'wrapper', referencing, mechanism };
          const { client, line } = associated(terms);
          const sent = [...line.sent];
          const collect = (steps: readonly ClientStep[]): void => {
            for (const step of steps) if (step.kind === 'send') sent.push(step.bytes);
          };
          const readings = asked.map(({ number, selector }) =>
            referencing === 'SN'
              ? { shortName: number, selector }
              : { classId: number, name: Uint8Array.of(1, 0, 99, 1, 0, 255), attribute: number & 0xff, selector },
          );
          collect(client.read(readings));
          for (const apdu of answers)
            collect(client.receive(cosem.encodeWrapper({ source: 1, destination: 16, apdu })));
          collect(client.timeout());
          collect(client.release());
          for (const bytes of sent) {
            const apdu = cosem.decodeApdu(bytes.subarray(WRAPPER));
            expect(ALLOWED).toContain(apdu.apdu);
            if (apdu.apdu === 'action-request')
              expect(apdu.method).toMatchObject({ classId: 15, name: Buffer.from([0, 0, 40, 0, 0, 255]), method: 1 });
            if (apdu.apdu !== 'read-request') continue;
            // a method by short name is read with its parameter: none but the proof is anything else than a choice of rows
            for (const one of apdu.list)
              if ('selection' in one && one.name !== 0xfa58)
                expect(one.selection.parameters).toMatchObject({ type: 'structure', value: { length: 4 } });
          }
        },
      ),
      { numRuns: 100 },
    );
  });

  it('is nothing else of what the room exports: the rest is a meter, a shape of rows and a counter', () => {
    expect(Object.keys(dlms).sort()).toEqual([
      ...['DlmsClient', 'DlmsServer', 'PushReceiver', 'captureData', 'captureOf', 'clockObject', 'dataObject'],
      ...['demandRegisterObject', 'disconnectControlObject', 'extendedRegisterObject', 'looseRows', 'meterObject'],
      ...['profileObject', 'profileRows', 'pushSetupObject', 'registerObject', 'securitySetupObject'],
    ]);
    const client = Object.getOwnPropertyNames(DlmsClient.prototype).filter((one) =>
      /set|write|action|invoke/i.test(one),
    );
    expect(client).toEqual([]);
  });
});
