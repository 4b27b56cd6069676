import { encryptFrame, parseAad, parseKey } from './cipher.js';
import { P1Decoder, type P1DecoderOptions, type P1Notice } from './decoder.js';
import { encodeTelegram } from './encoder.js';

const KEY = parseKey('0123456789abcdef0123456789ABCDEF');
const TITLE = Buffer.from('SAGgp\x00\x00\x01', 'latin1');

function plain(watts: number, crc = true): Uint8Array {
  return encodeTelegram({
    ident: 'Lux5\\2',
    crc,
    objects: [
      { obis: '1-3:0.2.8', groups: ['42'] },
      { obis: '1-0:1.7.0', groups: [`${watts}*W`] },
    ],
  });
}

const frame = (watts: number, counter: number, aad?: Uint8Array): Buffer =>
  Buffer.from(encryptFrame(plain(watts), { key: KEY, title: TITLE, counter, ...(aad && { aad }) }));

function reader(options: Partial<P1DecoderOptions> = { key: KEY }) {
  const seen: [string, string, unknown][] = [];
  const notices: P1Notice[] = [];
  const decoder = new P1Decoder({
    ...options,
    onTelegram: (telegram) => seen.push([telegram.verdict, telegram.protection, telegram.get('power/active/import')]),
    onNotice: (notice) => notices.push(notice),
  });
  return { decoder, seen, notices, kinds: () => notices.map(({ kind }) => kind) };
}

describe('encrypted telegrams', () => {
  it('opens them between plain ones, in pieces of any size', () => {
    const stream = Buffer.concat([
      frame(1, 10),
      Buffer.from([0xff, 0xdb, 0x00]),
      frame(2, 11),
      Buffer.from(plain(3)),
      frame(4, 12),
    ]);
    for (let size = 1; size < stream.length; size++) {
      const { decoder, seen, notices } = reader();
      for (let i = 0; i < stream.length; i += size) decoder.push(stream.subarray(i, i + size));
      expect(seen).toEqual([
        ['ok', 'verified', 1],
        ['ok', 'verified', 2],
        ['ok', 'plain', 3],
        ['ok', 'verified', 4],
      ]);
      expect(notices).toEqual([]);
    }
  });

  it('says that there is no key, or that it is wrong', () => {
    const none = reader({});
    none.decoder.push(frame(1, 10));
    expect([none.seen, none.notices, none.decoder.counts.undecrypted]).toEqual([
      [],
      [{ kind: 'no-key', counter: 10 }],
      1,
    ]);
    const wrong = reader({ key: parseKey('f'.repeat(32)) });
    wrong.decoder.push(frame(1, 10));
    expect([wrong.seen, wrong.kinds()]).toEqual([[], ['wrong-key']]);
  });

  it('uses the authentication key of Austrian operators', () => {
    const aad = parseAad('FFEEDDCCBBAA99887766554433221100');
    const { decoder, seen, notices } = reader({ key: KEY, aad });
    decoder.push(frame(5, 1, aad));
    expect([seen, notices]).toEqual([[['ok', 'verified', 5]], []]);
    expect(parseAad('30FFEEDDCCBBAA99887766554433221100')).toEqual(aad);
  });

  it.each([
    ['none', new Uint8Array(0)],
    ['others', parseAad('f'.repeat(32))],
  ])('with %s authentication data delivers what the CRC inside proves, and says so', (_, aad) => {
    const { decoder, seen, kinds } = reader();
    decoder.push(frame(5, 1, aad));
    expect([seen, kinds()]).toEqual([[['ok', 'unauthenticated', 5]], ['unauthenticated']]);
  });

  it('delivers nothing that neither tag nor CRC proves', () => {
    const { decoder, seen, kinds } = reader();
    decoder.push(encryptFrame(plain(5, false), { key: KEY, title: TITLE, counter: 1, aad: new Uint8Array(0) }));
    const bent = frame(6, 2);
    bent[40] = bent[40]! ^ 1;
    decoder.push(bent);
    expect([seen, kinds()]).toEqual([[], ['damaged', 'damaged']]);
  });

  it('trusts a right tag more than a stale CRC inside', () => {
    const stale = Buffer.from(plain(5)).toString('latin1').replace('5*W', '7*W');
    const { decoder, seen } = reader();
    decoder.push(encryptFrame(Buffer.from(stale, 'latin1'), { key: KEY, title: TITLE, counter: 1 }));
    expect(seen).toEqual([['ok', 'verified', 7]]);
  });

  it('warns where the frame counter does not rise', () => {
    const { decoder, seen, notices } = reader();
    for (const counter of [10, 11, 11, 5, 6]) decoder.push(frame(1, counter));
    expect(seen).toHaveLength(5);
    expect(notices).toEqual([
      { kind: 'counter-fell', counter: 11 },
      { kind: 'counter-fell', counter: 5 },
    ]);
  });

  it('finds the next frame where the length of one was bent', () => {
    const bent = frame(1, 10);
    bent[11] = bent[11]! + 1;
    const { decoder, seen } = reader();
    decoder.push(Buffer.concat([bent, frame(2, 11), frame(3, 12), frame(4, 13), frame(5, 14), frame(6, 15)]));
    expect(seen.map(([, , watts]) => watts)).toEqual([2, 3, 4, 5, 6]);
  });

  it('finds a frame behind a telegram that broke off', () => {
    const { decoder, seen } = reader();
    decoder.push(Buffer.concat([Buffer.from(plain(1)).subarray(0, 30), frame(2, 11), frame(3, 12)]));
    expect(seen.map(([, , watts]) => watts)).toEqual([2, 3]);
  });

  it.each(['', '00', 'g'.repeat(32), '0'.repeat(33)])('refuses %j as a key', (hex) => {
    expect(() => parseKey(hex)).toThrow(expect.objectContaining({ code: 'SMX_PROTOCOL_KEY' }));
    expect(() => parseAad(hex)).toThrow(expect.objectContaining({ code: 'SMX_PROTOCOL_KEY' }));
  });
});
