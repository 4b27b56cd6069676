import fc from 'fast-check';
import { isSmxError } from '@smx-edge/model';
import { decodeAcse, encodeAare, encodeAarq } from './acse.js';
import { decodeApdu } from './apdu.js';
import { ByteReader } from './byte-reader.js';
import { ByteWriter } from './byte-writer.js';
import { open, seal, type CipherKeys } from './cipher.js';
import type { Data } from './data.js';
import { readData } from './data-reader.js';
import { writeData } from './data-writer.js';
import { decodeLnRequest, encodeGet, encodeHlsReply } from './ln-request.js';
import { decodeLnResponse, encodeLnResponse } from './ln-response.js';
import { encodeNotification } from './notification.js';
import { decodeReadResponse, encodeRead, encodeReadResponse } from './sn.js';

const octets = (length: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength: length, maxLength: length });
const integer = (type: string, min: number, max: number) =>
  fc.record({ type: fc.constant(type), value: fc.integer({ min, max }) });

const plain = fc.oneof(
  fc.constantFrom({ type: 'null-data' }, { type: 'dont-care' }),
  fc.record({ type: fc.constant('boolean'), value: fc.boolean() }),
  fc
    .integer({ min: 0, max: 20 })
    .chain((bits) =>
      fc.record({ type: fc.constant('bit-string'), bits: fc.constant(bits), value: octets(Math.ceil(bits / 8)) }),
    ),
  integer('double-long', -0x80000000, 0x7fffffff),
  integer('double-long-unsigned', 0, 0xffffffff),
  integer('integer', -128, 127),
  integer('bcd', -128, 127),
  integer('long', -32768, 32767),
  integer('unsigned', 0, 255),
  integer('enum', 0, 255),
  integer('long-unsigned', 0, 65535),
  fc.record({ type: fc.constant('long64'), value: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }) }),
  fc.record({ type: fc.constant('long64-unsigned'), value: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }) }),
  fc.record({ type: fc.constantFrom('float32', 'floating-point'), value: fc.float({ noNaN: true }) }),
  fc.record({ type: fc.constant('float64'), value: fc.double({ noNaN: true }) }),
  fc.record({ type: fc.constant('octet-string'), value: fc.uint8Array({ maxLength: 200 }) }),
  fc.record({ type: fc.constant('date-time'), value: octets(12) }),
  fc.record({ type: fc.constant('date'), value: octets(5) }),
  fc.record({ type: fc.constant('time'), value: octets(4) }),
  fc.record({ type: fc.constant('visible-string'), value: fc.string({ unit: 'binary-ascii' }) }),
  fc.record({ type: fc.constant('utf8-string'), value: fc.string({ unit: 'grapheme' }) }),
) as fc.Arbitrary<Data>;

const { data } = fc.letrec<{ data: Data }>((tie) => ({
  data: fc.oneof(
    { depthSize: 'small' },
    { arbitrary: plain, weight: 4 },
    {
      arbitrary: fc.record({
        type: fc.constantFrom('array', 'structure'),
        value: fc.array(tie('data'), { maxLength: 5 }),
      }),
      weight: 1,
    },
  ),
}));
// elements of one description, of which each takes a byte at least
const compact: fc.Arbitrary<Data> = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 65535 }), fc.integer({ min: -128, max: 127 })), {
    minLength: 1,
    maxLength: 20,
  })
  .map((rows) => ({
    type: 'compact-array',
    value: rows.map(([a, b]) => ({
      type: 'structure',
      value: [
        { type: 'long-unsigned', value: a },
        {
          type: 'array',
          value: [
            { type: 'integer', value: b },
            { type: 'integer', value: 1 },
          ],
        },
      ],
    })),
  }));

const written = (value: Data): Uint8Array => {
  const writer = new ByteWriter(1);
  writeData(writer, value);
  return writer.done();
};

describe('values', () => {
  it('come back as they were, with their types and to the last byte', () => {
    fc.assert(
      fc.property(fc.oneof(data, compact), (value) => {
        const reader = new ByteReader(written(value));
        expect(readData(reader)).toEqual(value);
        expect(reader.left).toBe(0);
      }),
      { numRuns: 1000 },
    );
  });

  it('that their type cannot hold are not written', () => {
    const code = expect.objectContaining({ code: 'SMX_PROTOCOL_ENCODE' });
    const wrong: Data[] = [
      { type: 'unsigned', value: 256 },
      { type: 'long', value: 1.5 },
      { type: 'long64-unsigned', value: -1n },
      { type: 'date', value: new Uint8Array(4) },
      { type: 'bit-string', bits: 9, value: new Uint8Array(1) },
      { type: 'compact-array', value: [] },
      {
        type: 'compact-array',
        value: [
          { type: 'integer', value: 1 },
          { type: 'long', value: 1 },
        ],
      },
    ];
    for (const value of wrong) expect(() => written(value)).toThrow(code);
  });

  it('that are nested without end, or promise more than there is, are refused', () => {
    const code = expect.objectContaining({ code: 'SMX_PROTOCOL_APDU' });
    const nested = new Uint8Array(200).fill(1);
    // an array of 2^31 elements; a compact array whose elements take no bytes
    for (const bytes of [nested, Uint8Array.of(1, 0x84, 0x7f, 0xff, 0xff, 0xff, 0), Uint8Array.of(19, 0, 1, 0)])
      expect(() => readData(new ByteReader(bytes))).toThrow(code);
  });
});

const name = octets(6);
const invoke = fc.integer({ min: 0, max: 255 });
const selection = fc.record({ selector: fc.constantFrom(1, 2), parameters: data });
const attribute = fc
  .record({ classId: fc.integer({ min: 0, max: 65535 }), name, attribute: fc.integer({ min: 0, max: 255 }) })
  .chain((reference) =>
    fc.oneof(
      fc.constant(reference),
      selection.map((chosen) => ({ ...reference, selection: chosen })),
    ),
  );
const result = fc.oneof(fc.record({ data }), fc.record({ error: fc.integer({ min: 1, max: 255 }) }));

const requests = fc.oneof(
  fc.record({ apdu: fc.constant('get-request' as const), type: fc.constant('normal' as const), invoke, attribute }),
  fc.record({ apdu: fc.constant('get-request' as const), type: fc.constant('next' as const), invoke, block: fc.nat() }),
  fc.record({
    apdu: fc.constant('get-request' as const),
    type: fc.constant('with-list' as const),
    invoke,
    list: fc.array(attribute, { maxLength: 12 }),
  }),
);
const responses = fc.oneof(
  fc.record({ apdu: fc.constant('get-response' as const), type: fc.constant('normal' as const), invoke, result }),
  fc.record({
    apdu: fc.constant('get-response' as const),
    type: fc.constant('with-datablock' as const),
    invoke,
    last: fc.boolean(),
    block: fc.nat(),
    result: fc.oneof(fc.record({ raw: fc.uint8Array() }), fc.record({ error: fc.integer({ min: 1, max: 255 }) })),
  }),
  fc.record({
    apdu: fc.constant('get-response' as const),
    type: fc.constant('with-list' as const),
    invoke,
    list: fc.array(result, { maxLength: 12 }),
  }),
  fc.record({
    apdu: fc.constant('action-response' as const),
    type: fc.constant('normal' as const),
    invoke,
    result: fc.nat(255),
    returned: result,
  }),
);

const CORPUS = fc.oneof(
  requests.map((request) => encodeGet(request)),
  responses.map((response) => encodeLnResponse(response)),
  fc.array(result).map((list) => encodeReadResponse({ apdu: 'read-response', list })),
  fc
    .record({ invoke: fc.nat(), dateTime: octets(12), data })
    .map((one) => encodeNotification({ apdu: 'data-notification', ...one })),
);

describe('APDUs', () => {
  it('come back as they were', () => {
    fc.assert(
      fc.property(requests, responses, (request, response) => {
        expect(decodeLnRequest(encodeGet(request))).toEqual(request);
        expect(decodeLnResponse(encodeLnResponse(response))).toEqual(response);
      }),
      { numRuns: 500 },
    );
  });

  it('by short name come back as they were', () => {
    const block = fc.record({ last: fc.boolean(), block: fc.nat(65535), raw: fc.uint8Array() });
    fc.assert(
      fc.property(fc.array(fc.oneof(result, block, fc.record({ next: fc.nat(65535) }))), (list) => {
        expect(decodeReadResponse(encodeReadResponse({ apdu: 'read-response', list })).list).toEqual(list);
      }),
    );
  });

  it('with bytes changed, cut or added are understood or refused with a code, and never hang', () => {
    fc.assert(
      fc.property(
        CORPUS,
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        fc.nat(),
        (bytes, changes, cut) => {
          const mutated = bytes.slice(0, bytes.length - (cut % 3));
          for (const [position, byte] of changes) if (mutated.length > 0) mutated[position % mutated.length] = byte;
          try {
            decodeApdu(mutated);
          } catch (error) {
            expect(isSmxError(error) && error.code).toBe('SMX_PROTOCOL_APDU');
          }
        },
      ),
      { numRuns: 20_000 },
    );
  });

  it('of an association come back as they were, and with the lengths of Landis+Gyr too', () => {
    const aarq = {
      ...({ apdu: 'aarq', context: 'LN', mechanism: 1 } as const),
      authentication: Buffer.from('00000000'),
      userInformation: Uint8Array.of(1, 0, 0, 0, 6, 0x5f, 0x1f, 4, 0, 0, 0x7e, 0x1f, 4, 0xb0),
    };
    expect(decodeAcse(encodeAarq(aarq))).toEqual({ ...aarq, authentication: Buffer.from('00000000') });
    const userInformation = Uint8Array.of(8, 0, 6, 0x5f, 0x1f, 4, 0, 0x18, 0x02, 0x20, 0x09, 0x60, 0xfa, 0);
    const aare = { apdu: 'aare', context: 'SN', result: 0, source: 'user', diagnostic: 0, userInformation } as const;
    const bytes = encodeAare(aare);
    // outer length, that of the user information and of its octet string are one too small
    const shrunk = bytes.slice();
    for (const at of [1, bytes.length - 15, bytes.length - 17]) shrunk[at]!--;
    expect(decodeAcse(shrunk)).toEqual(aare);
  });
});

describe('what a client can put on a wire', () => {
  it('reads, and proves the client: no set, no write, and no action but that', () => {
    const tags = new Set<number>();
    fc.assert(
      fc.property(
        requests,
        fc.uint8Array(),
        fc.array(fc.record({ name: fc.nat(65535), selection })),
        (request, proof, list) => {
          for (const bytes of [encodeGet(request), encodeRead({ apdu: 'read-request', list })]) tags.add(bytes[0]!);
          const action = decodeLnRequest(encodeHlsReply(proof));
          // reply_to_HLS_authentication of the association in use
          expect(action).toMatchObject({ apdu: 'action-request', method: { classId: 15, method: 1 } });
        },
      ),
    );
    expect([...tags].sort((a, b) => a - b)).toEqual([0x05, 0xc0]);
  });

  it('is nothing else of what this room exports', async () => {
    const room = Object.keys(await import('./index.js'));
    expect(room.filter((one) => /^(encode|write)(Set|Action|Write|Unconfirmed)/.test(one))).toEqual([]);
  });
});

describe('ciphering', () => {
  const keys = (suite: 0 | 1 | 2): CipherKeys => ({
    suite,
    block: new Uint8Array(suite === 2 ? 32 : 16).fill(1),
    authentication: new Uint8Array(suite === 2 ? 32 : 16).fill(2),
  });
  const title = Buffer.from('TST00001');
  const protection = fc.record({ authenticated: fc.boolean(), encrypted: fc.boolean() });

  it('gives back what was sealed, and nothing where a byte was changed', () => {
    fc.assert(
      fc.property(
        fc.uint8Array(),
        fc.constantFrom(0 as const, 1 as const, 2 as const),
        fc.integer({ min: 0, max: 0xffffffff }),
        protection,
        fc.nat(),
        (plainText, suite, counter, how, position) => {
          const text = seal(plainText, { keys: keys(suite), title, counter, protection: how });
          const opened = open(text, { keys: keys(suite), title, least: how });
          expect([Buffer.from(opened.plain), opened.counter]).toEqual([Buffer.from(plainText), counter]);
          if (!how.authenticated) return;
          const changed = Buffer.from(text);
          changed[position % changed.length]! ^= 1;
          expect(() => open(changed, { keys: keys(suite), title, least: how })).toThrow(
            expect.objectContaining({ code: 'SMX_PROTOCOL_CIPHER' }),
          );
        },
      ),
    );
  });
});
