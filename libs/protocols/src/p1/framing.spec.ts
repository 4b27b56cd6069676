import { encodeTelegram } from './encoder.js';
import { P1Decoder, type P1DecoderOptions } from './decoder.js';
import type { P1Telegram } from './telegram.js';

interface Seen {
  readonly verdict: string;
  readonly ident: string;
  readonly closedBy: string;
  readonly power: number | null;
  readonly bad: readonly string[];
}

const see = (telegram: P1Telegram): Seen => ({
  verdict: telegram.verdict,
  ident: telegram.ident,
  closedBy: telegram.closedBy,
  power: telegram.get('power/active/import') as number | null,
  bad: telegram.badLines.map(({ line, reason }) => `${line}: ${reason}`),
});

function reader(options: Partial<P1DecoderOptions> = {}): {
  decoder: P1Decoder;
  seen: Seen[];
  push: (text: string | Uint8Array) => Seen[];
} {
  const seen: Seen[] = [];
  const decoder = new P1Decoder({ ...options, onTelegram: (telegram) => seen.push(see(telegram)) });
  const push = (text: string | Uint8Array): Seen[] => {
    decoder.push(typeof text === 'string' ? Buffer.from(text, 'latin1') : text);
    return seen;
  };
  return { decoder, seen, push };
}

const telegram = (watts: number, ident = 'ISK5\\2M550T'): Buffer =>
  Buffer.from(
    encodeTelegram({
      ident,
      objects: [
        { obis: '1-3:0.2.8', groups: ['50'] },
        { obis: '1-0:1.7.0', groups: [`0${Math.floor(watts / 1000)}.${String(watts % 1000).padStart(3, '0')}*kW`] },
        { obis: '0-0:96.13.0', groups: [''] },
      ],
    }),
  );
const text = (watts: number): string => telegram(watts).toString('latin1');
const OLD = '/ISk5\\2MT382-1003\r\n\r\n1-0:1.7.0(0000.67*kW)\r\n0-0:96.13.0(test-/-test)\r\n';

describe('framing', () => {
  it('gives the same telegrams wherever the stream is cut in two', () => {
    const stream = Buffer.concat([Buffer.from('7*kWh)\r\n!12AB\r\n'), telegram(1), telegram(2), telegram(3)]);
    const whole = reader().push(stream);
    expect(whole.map((each) => [each.verdict, each.power])).toEqual([
      ['ok', 1],
      ['ok', 2],
      ['ok', 3],
    ]);
    for (let cut = 0; cut <= stream.length; cut++) {
      const { push } = reader();
      push(stream.subarray(0, cut));
      expect(push(stream.subarray(cut))).toEqual(whole);
    }
  });

  it.each([1, 2, 3, 7, 16, 61, 512])('gives the same telegrams in pieces of %d bytes', (size) => {
    const stream = Buffer.concat([telegram(1), Buffer.from([0, 0xff]), telegram(2), telegram(3)]);
    const { push, seen } = reader();
    for (let i = 0; i < stream.length; i += size) push(stream.subarray(i, i + size));
    expect(seen.map((each) => each.power)).toEqual([1, 2, 3]);
  });

  it('counts the bytes before the first telegram', () => {
    const { decoder, push } = reader();
    push('00123*s)\r\n1-0:1.7.0(/no start)\r\n');
    push(telegram(5));
    expect(decoder.counts).toMatchObject({ frames: 1, ok: 1, skippedBytes: 32, cutFrames: 0 });
  });

  it.each([
    ['0xFF', [0xff, 0xff]],
    ['NUL', [0]],
    ['0xDB', [0xdb]],
  ])('is not led astray by %s between telegrams', (_, noise) => {
    const { seen, push } = reader();
    push(Buffer.concat([telegram(1), Buffer.from(noise), telegram(2)]));
    expect(seen.map((each) => each.power)).toEqual([1, 2]);
  });

  it('delivers as soon as the fourth digit of the CRC is there', () => {
    const { seen, push } = reader();
    push(telegram(1).subarray(0, -2));
    expect(seen).toHaveLength(1);
  });

  it('takes a CRC in lower case and without its leading noughts', () => {
    const lower = text(1).replace(/![0-9A-F]{4}/, (crc) => crc.toLowerCase());
    expect(reader().push(lower)[0]).toMatchObject({ verdict: 'ok' });
    const short = Array.from({ length: 9999 }, (_, i) => text(i)).find((each) => /!0[0-9A-F]{3}/.test(each))!;
    expect(reader().push(short.replace('!0', '!'))[0]).toMatchObject({ verdict: 'ok' });
  });

  it.each([
    ['a wrong CRC', /![0-9A-F]{4}/, '!0000', 'bad'],
    ['letters that are no CRC', /![0-9A-F]{4}/, '!WRONG', 'bad'],
    ['a blanked CRC', /![0-9A-F]{4}/, '!XXXX', 'bad'],
    ['no CRC', /![0-9A-F]{4}/, '!', 'absent'],
  ])('says what it is: %s', (_, what, put, verdict) =>
    expect(reader().push(text(42).replace(what, put))[0]).toMatchObject({ verdict, power: 42 }),
  );

  it.each([
    ['LF for CRLF', (whole: string) => whole.replaceAll('\r\n', '\n')],
    ['an empty line after every line', (whole: string) => whole.replaceAll('\r\n', '\r\n\r\n')],
    ['LF, doubled', (whole: string) => whole.replaceAll('\r\n', '\n\n')],
  ])('restores line ends a gateway changed: %s', (_, change) =>
    expect(reader().push(change(text(42)))[0]).toMatchObject({ verdict: 'restored', power: 42, bad: [] }),
  );

  it('does not call a damaged telegram restored', () =>
    expect(reader().push(text(42).replaceAll('\r\n', '\n').replace('042', '043'))[0]).toMatchObject({
      verdict: 'bad',
    }));

  it('ends at `!` behind the last bracket of a line, and not within brackets or the ident', () => {
    const glued = '/ADN9 6534!\r\n\r\n1-0:1.7.0(00.100*kW)\r\n0-0:96.13.0(Hello!)\r\n1-0:2.7.0(00.000*kW)!\r\n';
    const { seen, push } = reader();
    push(glued);
    expect(seen).toEqual([{ verdict: 'absent', ident: 'ADN9 6534!', closedBy: 'marker', power: 100, bad: [] }]);
  });

  it('takes any ident, and none of the empty line behind it', () => {
    for (const ident of ['KAM5', 'Test\\V5', 'ISk5\x02MIE5T', 'KMP5 ZABF/0000'])
      expect(reader().push(telegram(7, ident))[0]).toMatchObject({ verdict: 'ok', ident });
    const compact = Buffer.from(
      encodeTelegram({ ident: 'FLU5\\2', objects: [{ obis: '1-0:1.7.0', groups: ['1*kW'] }], blankLine: false }),
    );
    expect(reader().push(compact)[0]).toMatchObject({ verdict: 'ok', power: 1000 });
  });

  it('ends a telegram without `!` by the next one, or by silence', () => {
    const { seen, push, decoder } = reader();
    push(OLD + OLD);
    expect(seen).toMatchObject([{ verdict: 'absent', closedBy: 'next', power: 670, bad: [] }]);
    decoder.flush();
    expect(seen).toHaveLength(2);
    expect(seen[1]).toMatchObject({ closedBy: 'silence' });
  });

  it('ends a telegram by `!` behind its last bracket also where silence follows, with or without a CRC', () => {
    const glued = '/ADN9 6534\r\n\r\n1-0:2.7.0(00.000*kW)\r\n1-0:1.7.0(00.100*kW)!';
    for (const [tail, verdict] of [
      ['', 'absent'],
      ['BEEF', 'bad'],
    ] as const) {
      const { seen, push, decoder } = reader();
      push(glued + tail);
      decoder.flush();
      expect(seen).toEqual([{ verdict, ident: 'ADN9 6534', closedBy: 'marker', power: 100, bad: [] }]);
    }
  });

  it('believes after three telegrams that a stream sends no `!`, whatever its version promises', () => {
    const promising = OLD.replace('1-0:1.7.0', '1-3:0.2.8(40)\r\n1-0:1.7.0');
    const { seen, push, decoder } = reader();
    for (let i = 0; i < 6; i++) push(promising);
    expect(decoder.counts).toMatchObject({ cutFrames: 3, absent: 2 });
    expect(seen).toMatchObject(Array(2).fill({ verdict: 'absent', closedBy: 'next', power: 670 }));
    // one that ends as it should takes the doubt away
    push(text(7) + promising + promising);
    expect(seen.map((each) => each.power)).toEqual([670, 670, 670, 7]);
  });

  it('drops and counts the first part where two telegrams merged', () => {
    const { seen, push, decoder } = reader();
    const first = text(1);
    push(first.slice(0, first.indexOf('0-0:96.13')) + text(2));
    expect(seen.map((each) => each.power)).toEqual([2]);
    expect(decoder.counts).toMatchObject({ cutFrames: 1, cutBytes: first.indexOf('0-0:96.13') });
  });

  it('drops a telegram that silence cut short', () => {
    const { seen, push, decoder } = reader();
    push(text(1).slice(0, 40));
    decoder.flush();
    push(text(2));
    expect(seen.map((each) => each.power)).toEqual([2]);
  });

  it('never holds more than the longest telegram, and goes on after one that was longer', () => {
    const { seen, push, decoder } = reader({ maxFrame: 300 });
    push(`/XXX5\r\n\r\n${'1-0:1.8.0(1*kWh)\r\n'.repeat(40)}`);
    push(text(3));
    expect(decoder.counts.overflows).toBe(1);
    expect(seen.map((each) => each.power)).toEqual([3]);
  });

  it('keeps the rest where a line is corrupt, and lists the line', () => {
    const lines = [
      '1-0:1.7.0(00.123*kW',
      '1-0:1.8(1*kWh)',
      '1-0:2.7.0(1*kW) x',
      '(1)',
      'hello',
      '1-0:1.7.0(0(1*kW))',
      '0-1:24.2.1 (1)',
      '1-3:0.2.8)40(',
    ];
    const good = Buffer.from(
      encodeTelegram({
        ident: 'X',
        objects: [...lines.map((obis) => ({ obis, groups: [] })), { obis: '1-0:1.7.0', groups: ['00.500*kW'] }],
      }),
    );
    const [seen] = reader().push(good);
    expect(seen).toMatchObject({ verdict: 'ok', power: 500 });
    expect(seen!.bad).toEqual([
      '3: bracket not closed',
      '4: OBIS code with too few parts',
      '5: text behind the last bracket',
      '6: brackets without a code',
      '7: no OBIS code',
      '8: bracket inside a bracket',
      '9: no bracket after the OBIS code',
      '10: no bracket after the OBIS code',
    ]);
  });
});
