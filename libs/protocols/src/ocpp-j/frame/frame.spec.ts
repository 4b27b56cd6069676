import fc from 'fast-check';
import { decodeFrame, encodeCall } from './frame.js';
import { hasOwnShape, isMessageId, LONGEST_MESSAGE_ID, ownMessageId } from './message-id.js';
import { peekFrame } from './peek.js';

const bytes = (text: string): Uint8Array => Buffer.from(text, 'utf8');
const KINDS = ['call', 'result', 'error', 'result-error', 'send'];

describe('the head of a frame', () => {
  it.each([
    ['[2,"a1","Heartbeat",{}]', { kind: 'call', id: 'a1', action: 'Heartbeat' }],
    ['[3,"a1",{}]', { kind: 'result', id: 'a1' }],
    ['[3,"a1","Heartbeat"]', { kind: 'result', id: 'a1' }],
    ['[4,"a1","NotSupported","",{}]', { kind: 'error', id: 'a1' }],
    ['[5,"a1","FormatViolation","",{}]', { kind: 'result-error', id: 'a1' }],
    ['[6,"a1","NotifyPeriodicEventStream",{}]', { kind: 'send', id: 'a1', action: 'NotifyPeriodicEventStream' }],
    // Grizzl-E (lbbrhzn/ocpp#899): blanks, and a payload that is no JSON
    ['[3, "a1", {"configurationKey":],"unknownKey":[]}]', { kind: 'result', id: 'a1' }],
    [' \t\r\n[ 2 , "a1"\n, "Reset" , {', { kind: 'call', id: 'a1', action: 'Reset' }],
    ['[2,"\\u0061\\"1","Re\\u0073et",{}]', { kind: 'call', id: 'a"1', action: 'Reset' }],
    ['[2,"é€😀","Reset",{}]', { kind: 'call', id: 'é€😀', action: 'Reset' }],
    ['[3,40101,{}]', { kind: 'result', id: '40101' }],
    ['[3,12345678901234567890,{}]', { kind: 'result', id: '12345678901234567890' }],
    ['[2.0,"a1","Reset",{}]', { kind: 'call', id: 'a1', action: 'Reset' }],
    ['[2,"","Reset",{}]', { kind: 'call', id: '', action: 'Reset' }],
    ['[2,"a1"]', { kind: 'call', id: 'a1' }],
    ['[2,"a1",7,{}]', { kind: 'call', id: 'a1' }],
    ['[4,"-1","GenericError","",{}]', { kind: 'error', id: '-1' }],
  ])('of %s is known', (text, head) => {
    expect(peekFrame(text)).toEqual(head);
    expect(peekFrame(bytes(text))).toEqual(head);
  });

  it.each([
    ...['', ' ', '[', '[2', '[2,', '[2,"', '[2,"a', '[2,"a\\', '{}', 'null', '"[2,"', '[]', '[[2,"a","b"]]'],
    ...['[1,"a","b",{}]', '[7,"a","b",{}]', '[22,"a"]', '[-2,"a"]', '["2","a","b",{}]', '[2 "a"]', '[02,"a"]'],
    ...['[2,null,"b"]', '[2,{},"b"]', '[2,"a\nb","c"]', '[2,"\\x","c"]', '\ufeff[2,"a","b",{}]'],
    `[2,"${'a'.repeat(2000)}","b"]`,
  ])('is not there in %j', (text) => {
    expect(peekFrame(text)).toBeUndefined();
    expect(peekFrame(bytes(text))).toBeUndefined();
  });

  it('is read from a part of a larger buffer', () => {
    const whole = Buffer.from('xxxx[3, "a1", {}]yyyy');
    expect(peekFrame(whole.subarray(4, 17))).toEqual({ kind: 'result', id: 'a1' });
    expect(peekFrame(whole.subarray(4, 9))).toBeUndefined();
  });

  it('is what JSON.parse finds, in every spelling of a legal frame', () => {
    const blank = fc.stringMatching(/^[ \t\r\n]{0,3}$/);
    const text = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 40 }).map((s) => JSON.stringify(s)),
      fc.string({ maxLength: 40 }).map(escapedWhole),
      fc.constantFrom('"MeterValues"', '"a1"'),
    );
    const id = fc.oneof(text, fc.maxSafeInteger().map(String));
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 6 }), id, text, fc.jsonValue(), fc.array(blank, { minLength: 9, maxLength: 9 }), (type, id, action, payload, gaps) => {
        const [a, b, c, d, e, f, g, h, i] = gaps as [string, string, string, string, string, string, string, string, string]; // prettier-ignore
        const frame = `${a}[${b}${type}${c},${d}${id}${e},${f}${action}${g},${h}${JSON.stringify(payload)}${i}]`;
        const parsed = JSON.parse(frame) as [number, string | number, string];
        const head = { kind: KINDS[type - 2], id: String(parsed[1]), ...((type === 2 || type === 6) && { action: parsed[2] }) }; // prettier-ignore
        expect(peekFrame(frame)).toEqual(head);
        expect(peekFrame(bytes(frame))).toEqual(head);
      }), // prettier-ignore
      { numRuns: 2000 },
    );
  });

  it('never throws on mutated bytes, nor does the whole', () => {
    const seed = bytes('[2, "4\\u00300101","MeterValues",{"connectorId":1,"meterValue":[{"value":"1é"}]}]');
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(seed.length), fc.nat(255)), { maxLength: 8 }), fc.nat(seed.length), (spots, cut) => {
        const frame = Uint8Array.from(seed);
        for (const [at, byte] of spots) frame[at] = byte;
        const part = frame.subarray(0, cut);
        const head = peekFrame(part);
        const whole = decodeFrame(part);
        if (whole !== undefined) expect(whole).toMatchObject(head!);
      }), // prettier-ignore
      { numRuns: 5000 },
    );
  });
});

describe('a whole frame', () => {
  it('has its payload', () => {
    expect(decodeFrame('[2,"a","Reset",{"type":"Soft"}]')).toEqual({ kind: 'call', id: 'a', action: 'Reset', payload: { type: 'Soft' } }); // prettier-ignore
    expect(decodeFrame(bytes('[3,"a",{"x":1}]'))).toEqual({ kind: 'result', id: 'a', payload: { x: 1 } });
    expect(decodeFrame('[3,"a",null]')).toEqual({ kind: 'result', id: 'a', payload: {} });
    expect(decodeFrame('[3,"a",{]')).toBeUndefined();
  });

  it.each([
    ['FormationViolation', 'FormatViolation'],
    ['OccurenceConstraintViolation', 'OccurrenceConstraintViolation'],
    ['FormatViolation', 'FormatViolation'],
    ['NotSupported', 'NotSupported'],
  ])('with the error %s says %s', (written, code) => {
    expect(decodeFrame(`[4,"a","${written}","why",{}]`)).toMatchObject({ kind: 'error', code, description: 'why' });
  });

  it('is written as a CALL that is read again', () => {
    const text = encodeCall('a', 'Reset', { type: 'Soft' });
    expect(text).toBe('[2,"a","Reset",{"type":"Soft"}]');
  });
});

describe('message ids', () => {
  it('of our own have 36 characters and the bytes that they were made of', () => {
    const id = ownMessageId(Uint8Array.from({ length: 16 }, (_, i) => i * 17));
    expect(id).toBe('smx-00112233445566778899aabbccddeeff');
    expect(id).toHaveLength(LONGEST_MESSAGE_ID);
    expect(isMessageId(id) && hasOwnShape(id)).toBe(true);
  });

  it('are not made of fewer bytes', () => {
    expect(() => ownMessageId(new Uint8Array(15))).toThrow(expect.objectContaining({ code: 'SMX_PROTOCOL_ENCODE' }));
  });

  it.each(['', 'a'.repeat(37)])('may not be %j', (id) => expect(isMessageId(id)).toBe(false));
  it.each(['smx-', 'smx-00112233445566778899AABBCCDDEEFF', 'x-00112233445566778899aabbccddeeff'])('of others are %j', (id) => expect(hasOwnShape(id)).toBe(false)); // prettier-ignore
});

/** Every character as an escape. */
const escapedWhole = (text: string): string =>
  `"${Array.from({ length: text.length }, (_, i) => `\\u${text.charCodeAt(i).toString(16).padStart(4, '0')}`).join('')}"`;

describe('a frame that nests without end', () => {
  const nested = (levels: number): string => `[3,"a",{"x":${'['.repeat(levels)}"]\\"["${']'.repeat(levels)}}]`;

  it.each([2_000, 100_000])('of %d levels is none, or can be written as JSON again', (levels) => {
    const frame = decodeFrame(nested(levels));
    expect(() => JSON.stringify(frame)).not.toThrow();
    expect(frame === undefined).toBe(levels > 2_000);
  });

  it('is told from a long one', () => {
    const long = `[3,"a",{"x":[${Array.from({ length: 5_000 }, () => '{"b":["[[[["]}').join(',')}]}]`;
    expect(decodeFrame(long)?.payload['x']).toHaveLength(5_000);
  });
});
