import fc from 'fast-check';
import * as cosem from '@smx-edge/protocols/cosem';
import { DlmsClient, type Reading, type Selector } from '@smx-edge/protocols/dlms';
import { HdlcFramer } from '@smx-edge/protocols/hdlc';
import { COLUMNS, dialogue, FRAMINGS, meterOf, reading, rowsOf, settingsOf, type Terms } from './support/dlms-line.js';

const LLC = 3;
/** What may go to a meter, by the tag of the plain APDU: nothing that sets, writes or acts but for the client's own proof. */
const READS = new Set(['aarq', 'rlrq', 'get-request', 'read-request', 'general-block-transfer']);
const HLS_REPLY = { classId: 15, name: Buffer.from([0, 0, 40, 0, 0, 255]), method: 1 };
const SN_HLS_REPLY = 0xfa58;

/** APDUs of all the bytes that a client sent, as they stand on the wire. */
function apdusOf(framing: Terms['framing'], sent: readonly Uint8Array[]): Uint8Array[] {
  const found: Uint8Array[] = [];
  if (framing === 'wrapper') {
    const framer = new cosem.WrapperFramer(({ apdu }) => found.push(apdu));
    for (const bytes of sent) framer.push(bytes);
    expect(framer.isWithin).toBe(false);
    return found;
  }
  let parts: Uint8Array[] = [];
  const framer = new HdlcFramer(({ control, info, segmented }) => {
    if (control.type !== 'I') return;
    parts.push(info);
    if (segmented) return;
    found.push(Buffer.concat(parts).subarray(LLC));
    parts = [];
  });
  for (const bytes of sent) framer.push(bytes);
  expect(framer.counts.skippedBytes).toBe(0);
  return found;
}

/** The APDU within, opened with what the client seals with. */
function plainOf(bytes: Uint8Array, { security, title }: ReturnType<typeof settingsOf>): Uint8Array {
  const ciphered = cosem.unwrapCiphered(bytes);
  if (ciphered === undefined) return bytes;
  const least = { authenticated: true, encrypted: true };
  const isDedicated = ciphered.ciphering.endsWith('ded') && security!.dedicatedKey !== undefined;
  const keys = isDedicated ? { ...security!.keys, block: security!.dedicatedKey! } : security!.keys;
  return cosem.open(ciphered.text, { keys, title: title!, least }).plain;
}

function expectRead(apdu: cosem.Apdu): void {
  if (apdu.apdu === 'action-request') {
    expect(apdu.method).toMatchObject(HLS_REPLY);
    return;
  }
  expect(READS).toContain(apdu.apdu);
  if (apdu.apdu !== 'read-request') return;
  for (const one of apdu.list)
    if ('selection' in one && one.name !== SN_HLS_REPLY)
      // a choice of rows: four parts of range or entry
      expect(one.selection).toMatchObject({ selector: expect.any(Number), parameters: { value: { length: 4 } } });
}

const selectors: fc.Arbitrary<Selector | undefined> = fc.option(
  fc.oneof(
    fc.record({ by: fc.constant('entry' as const), from: fc.nat(), to: fc.nat() }),
    fc.record({
      by: fc.constant('range' as const),
      column: fc.constantFrom(...COLUMNS),
      from: fc.constant(rowsOf(1)[0]![0]!),
      to: fc.constantFrom(...rowsOf(9).map(([time]) => time!)),
    }),
  ),
  { nil: undefined },
);

/** What a caller might smuggle in beside a reading. */
const smuggled = fc.constantFrom(
  {},
  { data: { type: 'unsigned', value: 1 } },
  { method: 1, parameters: { type: 'integer', value: 0 } },
  { apdu: 'set-request', type: 'normal', result: 0 },
);

describe('all that a client of a meter offers', () => {
  it('is to connect, to read and to part', () => {
    const own = Object.getOwnPropertyDescriptors(DlmsClient.prototype);
    const callable = Object.keys(own).filter(
      (name) => name !== 'constructor' && typeof own[name]!.value === 'function',
    );
    const PUBLIC = ['connect', 'receive', 'timeout', 'read', 'release'];
    expect(callable).toEqual(expect.arrayContaining(PUBLIC));
    // whatever else stands there is called by these: none of it has a word for more than reading
    expect(callable.filter((name) => /set|write|action|execute|invoke|clock|relay/i.test(name))).toEqual([]);
  });

  describe.each(FRAMINGS)('over %s', (framing) => {
    it.each<[string, Partial<Terms>]>([
      ['in plain', {}],
      ['ciphered', { suite: 0 }],
      ['under a dedicated key', { suite: 0, ciphering: 'general-ded' }],
    ])('puts nothing but that on the wire to a meter, %s', (_, more) => {
      fc.assert(
        fc.property(
          fc.constantFrom('LN' as const, 'SN' as const),
          fc.constantFrom(0, 1, 2, 3, 4, 5, 6),
          fc.constantFrom('none' as const, 'get' as const, 'general' as const),
          fc.array(
            fc.tuple(fc.constantFrom('voltage', 'clock', 'profile', 'any'), fc.nat(0xffff), selectors, smuggled),
            {
              minLength: 1,
              maxLength: 4,
            },
          ),
          (referencing, mechanism, blocks, asked) => {
            const terms: Terms = {
              framing,
              referencing,
              mechanism: mechanism,
              blocks,
              rows: 4,
              ...more,
            };
            const settings = settingsOf(terms);
            const client = new DlmsClient(settings);
            const line = dialogue(client, meterOf(terms));
            line.run(client.connect());
            expect(client.state).toBe('associated');
            const readings = asked.map(([of, number, selector, beside]): Reading => {
              const one =
                of === 'any'
                  ? { classId: number & 0xff, name: Uint8Array.of(0, 0, 1, 0, 0, 255), attribute: number & 0x7f, shortName: number } // prettier-ignore
                  : reading(terms, of, selector);
              return { ...one, ...beside };
            });
            line.run(client.read(readings));
            line.run(client.release());
            const sent = apdusOf(framing, line.sent);
            expect(sent.length).toBeGreaterThanOrEqual(3);
            for (const bytes of sent) expectRead(cosem.decodeApdu(plainOf(bytes, settings)));
          },
        ),
        { numRuns: 40 },
      );
    });
  });

  it('has in its proof the one action of the codec, on the association itself, whatever the proof is', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (proof) => {
        expect(cosem.decodeApdu(cosem.encodeHlsReply(proof))).toMatchObject({
          apdu: 'action-request',
          method: HLS_REPLY,
        });
        expect(cosem.decodeApdu(cosem.encodeSnHlsReply(proof))).toMatchObject({ list: [{ name: SN_HLS_REPLY }] });
      }),
    );
    // no export writes a request that sets, writes or acts
    const writers = Object.keys(cosem).filter((name) => /^(encode|write|wrap).*(set|write|action)/i.test(name));
    expect(writers).toEqual([]);
  });
});
