import fc from 'fast-check';
import { scaleDecimal, scaledUnit } from '@smx-edge/model';
import { encryptFrame, parseKey } from './cipher.js';
import { P1Decoder } from './decoder.js';
import { DERIVATIONS } from './derivations.js';
import { encodeTelegram, fixed, hexText } from './encoder.js';
import { explainTelegram } from './explain.js';
import { P1_POINTS } from './obis-table.js';
import type { P1Telegram } from './telegram.js';
import { formatTst } from './tst.js';

const KEY = parseKey('00112233445566778899AABBCCDDEEFF');
const TITLE = Buffer.from('KAMtest1', 'latin1');
const objects = (lines: readonly string[]) => lines.map((obis) => ({ obis, groups: [] }));
const buffer = (lines: readonly string[], crc = true): Buffer =>
  Buffer.from(encodeTelegram({ ident: 'FLU5\\253', crc, objects: objects(lines) }));

const BELGIAN = buffer([
  '0-0:96.1.4(50217)',
  '0-0:96.1.1(3153414733313031303231363035)',
  '0-0:1.0.0(200512135409S)',
  '1-0:1.8.1(000000.034*kWh)',
  '1-0:1.8.2(000015.758*kWh)',
  '0-0:96.14.0(0001)',
  '1-0:1.4.0(02.351*kW)',
  '1-0:1.6.0(200509134500S)(02.589*kW)',
  '0-0:98.1.0(2)(1-0:1.6.0)(1-0:1.6.0)(200501000000S)(200423192500S)(03.695*kW)(200401000000S)(200305121500W)(05.980*kW)',
  '1-0:1.7.0(01.234*kW)',
  '1-0:2.7.0(00.000*kW)',
  '1-0:32.7.0(234.7*V)',
  '1-0:31.7.0(005.20*A)',
  '0-0:17.0.0(999.9*kW)',
  '1-0:31.4.0(999*A)',
  '0-0:96.13.0()',
  '0-1:24.1.0(003)',
  '0-1:96.1.1(37464C4F32313139303333373333)',
  '0-1:24.4.0(1)',
  '0-1:24.2.3(200512134558S)(00112.384*m3)',
]);
const DUTCH = buffer([
  '1-3:0.2.8(50)',
  '0-0:1.0.0(181106140429W)',
  '1-0:1.8.1(003808.351*kWh)',
  '1-0:99.97.0(1)(0-0:96.7.19)(180529135630S)(0000002451*s)',
  '1-0:1.7.0(00.100*kW)',
  '1-0:99.9.9(X)',
]);
const OLD = buffer(
  ['1-0:1.8.1(16722.627*kWh)', '0-2:24.3.0(211123200000)(00)(60)(1)(0-2:24.2.1)(m3)', '(13376.292)', '0-2:24.4.0(1)'],
  false,
);
const SECRET = Buffer.from(encryptFrame(DUTCH, { key: KEY, title: TITLE, counter: 9 }));
const CORPUS = [BELGIAN, DUTCH, OLD, SECRET, OLD.subarray(0, -3)];

/** Everything a caller can see of a telegram, as one text. */
function fingerprint(telegram: P1Telegram): string {
  const points = Array.from(telegram.present.subarray(0, telegram.count), (slot) => [
    slot,
    telegram.values[slot],
    telegram.text(slot),
    telegram.reason(slot),
  ]);
  const { verdict, protection, closedBy, ident, time, peaks, failures, badLines } = telegram;
  const meters = telegram.subMeters.map(({ channel, value, captured, id, rank }) => [
    channel,
    value,
    captured,
    id,
    rank,
  ]);
  const registers = telegram.registers.map(({ path, value }) => [path, value]);
  return JSON.stringify([
    verdict,
    protection,
    closedBy,
    ident,
    time,
    points,
    peaks,
    failures,
    badLines,
    meters,
    registers,
    telegram.objects(),
  ]);
}

function decode(pieces: Iterable<Uint8Array>, onTelegram: (telegram: P1Telegram) => void): P1Decoder {
  const decoder = new P1Decoder({ key: KEY, onTelegram });
  for (const piece of pieces) decoder.push(piece);
  return decoder;
}

describe('round trip', () => {
  const watts = fc.nat(99_999);
  const telegrams = fc.record({
    time: fc.integer({ min: Date.UTC(2001, 0) / 1000, max: Date.UTC(2060, 0) / 1000 }),
    energy: fc.array(fc.nat(999_999_999), { minLength: 1, maxLength: 4 }),
    imported: watts,
    exported: watts,
    volts: fc.nat(9999),
    gas: fc.nat(99_999_999),
    serial: fc.stringMatching(/^[0-9A-Z]{8,17}$/),
    crc: fc.boolean(),
    offset: fc.constantFrom(3_600_000, 7_200_000),
  });

  it('gives back every value that was encoded, exactly', () => {
    fc.assert(
      fc.property(telegrams, ({ time, energy, imported, exported, volts, gas, serial, crc, offset }) => {
        const kW = { digits: 5, decimals: 3, exponent: 3, unit: 'kW' };
        const tst = formatTst(time * 1000, offset);
        const seen: unknown[] = [];
        decode(
          [
            encodeTelegram({
              ident: 'TST5',
              crc,
              objects: [
                { obis: '0-0:1.0.0', groups: [tst] },
                { obis: '0-0:96.1.1', groups: [hexText(serial)] },
                ...energy.map((wh, i) => ({
                  obis: `1-0:1.8.${i + 1}`,
                  groups: [fixed(wh, { digits: 9, decimals: 3, exponent: 3, unit: 'kWh' })],
                })),
                { obis: '1-0:1.7.0', groups: [fixed(imported, kW)] },
                { obis: '1-0:2.7.0', groups: [fixed(exported, kW)] },
                { obis: '1-0:32.7.0', groups: [fixed(volts / 10, { digits: 4, decimals: 1, unit: 'V' })] },
                { obis: '0-1:24.1.0', groups: ['003'] },
                { obis: '0-1:24.2.1', groups: [tst, fixed(gas / 1000, { digits: 8, decimals: 3, unit: 'm3' })] },
              ],
            }),
          ],
          (t) => {
            const [meter] = t.subMeters;
            seen.push(
              t.verdict,
              t.time,
              t.get('serial'),
              t.get('energy/active/import'),
              t.get('power/active'),
              t.get('voltage/l1'),
              meter?.value,
              meter?.captured,
            );
          },
        );
        const total = energy.reduce((sum, wh) => sum + wh, 0);
        const id = /^0+$/.test(serial) ? 'x' : serial;
        expect(seen).toEqual([
          crc ? 'ok' : 'absent',
          time * 1000,
          id,
          total,
          imported - exported,
          volts / 10,
          gas / 1000,
          time * 1000,
        ]);
      }),
      { seed: 11, numRuns: 150 },
    );
  });
});

describe('damage', () => {
  const burst = fc.record({
    at: fc.nat(BELGIAN.length - 3),
    first: fc.integer({ min: 1, max: 255 }),
    second: fc.nat(255),
  });
  const bend = ({ at, first, second }: { at: number; first: number; second: number }): Buffer => {
    const bent = Buffer.from(BELGIAN);
    bent[at] = bent[at]! ^ first;
    bent[at + 1] = bent[at + 1]! ^ second;
    return bent;
  };
  const bare = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1').replaceAll('\r', '');

  it('is never delivered as right: any burst of 16 bits', () => {
    fc.assert(
      fc.property(burst, (damage) => {
        decode([bend(damage)], (telegram) => {
          if (telegram.verdict === 'bad' || telegram.verdict === 'absent') return;
          const whole = BELGIAN.subarray(0, BELGIAN.length - 6);
          if (telegram.verdict === 'ok') expect(telegram.bytes()).toEqual(new Uint8Array(whole));
          else expect(bare(telegram.bytes())).toBe(bare(whole));
        }).flush();
      }),
      { seed: 5, numRuns: 3000 },
    );
  });

  it('never yields a number that is not printed', () => {
    const computed = new Set(DERIVATIONS.map(({ target }) => target));
    const printed = (bytes: Uint8Array): Set<number> => {
      const numbers = new Set<number>();
      for (const [, digits, unit] of Buffer.from(bytes)
        .toString('latin1')
        .matchAll(/\(([+-]?\d+(?:\.\d+)?)\*?([^()\r\n]*)\)/g)) {
        for (const exponent of [scaledUnit(unit!)?.exponent ?? 0, 3, 0])
          numbers.add(Math.abs(scaleDecimal(digits!, exponent)));
      }
      return numbers;
    };
    fc.assert(
      fc.property(burst, (damage) => {
        decode([bend(damage)], (telegram) => {
          const known = printed(telegram.bytes());
          for (let i = 0; i < telegram.count; i++) {
            const { slot, path, type } = P1_POINTS[telegram.present[i]!]!;
            const value = telegram.values[slot]!;
            if (type === 'number' && !computed.has(path) && !Number.isNaN(value))
              expect(known).toContain(Math.abs(value));
          }
        }).flush();
      }),
      { seed: 6, numRuns: 1000 },
    );
  });
});

/** A small generator of its own, so that a failing stream can be named by its number. */
function random(seed: number): (below: number) => number {
  let state = (seed * 2_654_435_761) >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** Telegrams that were bent, cut, doubled, spliced and mixed with noise. */
function wildStream(seed: number): { stream: Buffer; next: (below: number) => number } {
  const next = random(seed);
  const parts: Buffer[] = [];
  for (let i = 0; i <= next(4); i++) {
    let part = Buffer.from(CORPUS[next(CORPUS.length)]!);
    for (let j = next(5); j > 0 && part.length > 0; j--) {
      const at = next(part.length);
      const length = next(1 + Math.min(60, part.length - at));
      const how = next(6);
      if (how === 0) part[at] = next(256);
      else if (how === 1) part = Buffer.concat([part.subarray(0, at), part.subarray(at + length)]);
      else if (how === 2)
        part = Buffer.concat([part.subarray(0, at), part.subarray(at, at + length), part.subarray(at)]);
      else if (how === 3)
        part = Buffer.concat([
          part.subarray(0, at),
          Buffer.from(Array.from({ length }, () => next(256))),
          part.subarray(at),
        ]);
      else if (how === 4) part = part.subarray(0, at);
      else part.fill('()/!*\r\n\x08\xdb'.charCodeAt(next(9)), at, at + length);
    }
    parts.push(part);
  }
  return { stream: Buffer.concat(parts), next };
}

function cut(stream: Buffer, next: (below: number) => number): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0; at < stream.length;) {
    const size = 1 + next(next(3) === 0 ? 1 : 400);
    pieces.push(stream.subarray(at, at + size));
    at += size;
  }
  return pieces;
}

describe('wild streams', () => {
  const streams = Number(process.env['P1_FUZZ'] ?? 2000);

  it(`${streams} of them: no throw, the same in any pieces, and the next good telegram is read`, () => {
    let slowest = 0;
    const heap: number[] = [];
    for (let seed = 1; seed <= streams; seed++) {
      const { stream, next } = wildStream(seed);
      const whole: string[] = [];
      const pieces: string[] = [];
      const last = (seen: string[], one: P1Decoder): void => {
        one.flush();
        const before = seen.length;
        one.push(DUTCH);
        if (seen.length !== before + 1 || !seen.at(-1)!.startsWith('["ok"'))
          throw new Error(`stream ${seed}: the good telegram behind it is lost`);
      };
      const start = process.cpuUsage();
      last(
        whole,
        decode([stream], (telegram) => whole.push(fingerprint(telegram))),
      );
      const { user, system } = process.cpuUsage(start);
      slowest = Math.max(slowest, (user + system) / 1000);
      last(
        pieces,
        decode(cut(stream, next), (telegram) => pieces.push(fingerprint(telegram))),
      );
      if (whole.join('\n') !== pieces.join('\n')) throw new Error(`stream ${seed}: other telegrams in other pieces`);
      if (seed % 10 === 0) explainTelegram(stream, { key: KEY });
      if (seed % 10_000 === 0) heap.push(Math.round(process.memoryUsage().heapUsed / 2 ** 20));
    }
    if (process.env['P1_FUZZ'] !== undefined)
      process.stdout.write(`${streams} streams, slowest ${slowest.toFixed(1)} ms of CPU, heap MB ${heap.join(' ')}\n`);
  }, 3_600_000);

  it('hold no more memory than one frame, however long the line sends rubbish', () => {
    const next = random(99);
    const rubbish = Buffer.from(Array.from({ length: 65_536 }, () => next(256)));
    const decoder = new P1Decoder({ onTelegram: () => undefined });
    for (const text of [
      rubbish,
      Buffer.alloc(65_536, '/A\r\n1-0:1.8.0('),
      Buffer.alloc(65_536, '\xdb\x08'),
      Buffer.alloc(65_536, '(('),
      Buffer.alloc(65_536, '/'),
    ])
      for (let i = 0; i < 8; i++) decoder.push(text);
    const seen: string[] = [];
    const after = new P1Decoder({ onTelegram: ({ verdict }) => seen.push(verdict) });
    after.push(rubbish);
    after.flush();
    after.push(DUTCH);
    expect(seen.at(-1)).toBe('ok');
    expect(decoder.counts.skippedBytes + decoder.counts.cutBytes).toBeGreaterThan(0);
  });
});
