import { decodeDataSets, decodeDatedRows, decodeProfile, withoutParity } from '@smx-edge/protocols/iec62056-21';
import { encodeFrame, HdlcFramer } from '@smx-edge/protocols/hdlc';
import fc from 'fast-check';
import {
  exchange,
  MORNING,
  READOUT,
  Rig,
  source,
  START,
  type Exchange,
  type Trouble,
} from '../../test-support/iec-rig.js';
import { instantOf } from './clock.js';
import { DIALECT_NAMES, type DialectName } from './dialect.js';
import { IEC_FAULTS } from './line-faults.js';
import type { IecMeterOptions } from './meters.js';

const QUARTER = 900_000;

const valueOf = (data: string, address: string): string | undefined =>
  decodeDataSets(data).find((set) => set.address === address)?.values[0]?.value;

function readOut(rig: Rig): string {
  const [data, ended] = rig.open().slice(-2);
  expect(ended).toEqual({ kind: 'ended' });
  return data?.kind === 'data' ? data.data : '';
}

const kWh = (): number => source.house.meter.wattHours('import') / 1000;

describe('a readout', () => {
  it.each([
    ['A', { baud: 300 }, 300],
    ['A', { baud: 300, framed: false }, 300],
    ['B', {}, 9600],
    ['C', {}, 9600],
    ['E', {}, 9600],
  ] as const)('of mode %s (%j) is what the house counted', (mode, given, baud) => {
    const rig = new Rig({ mode, ...given }, READOUT);
    const data = readOut(rig);
    expect(rig.baud).toBe(baud);
    expect(Math.abs(Number(valueOf(data, '1.8.0')) - kWh())).toBeLessThan(0.02);
    expect(valueOf(data, '0.0.0')).toBe('53078125');
    expect(Number(valueOf(data, '32.7.0'))).toBeCloseTo(source.house.grid.voltage[0]!, 1);
  });

  it.each(DIALECT_NAMES)('in the words of %s has the same values', (family) => {
    const data = readOut(new Rig({ family }, READOUT));
    const value = (code: string): string => decodeDataSets(data).find(({ address }) => address.replace(/^\d-\d:|\*255$/g, '') === code)!.values[0]!.value; // prettier-ignore
    expect(Math.abs(Number(value('1.8.0')) - kWh())).toBeLessThan(0.02);
    expect(Number(value('16.7.0')) * 1000).toBeCloseTo(source.house.meter.power, 0);
    expect(value('0.9.1').replaceAll(':', '').slice(-6)).toBe('103000');
    expect(value('0.9.2').replaceAll('-', '').slice(-6)).toBe('261026');
    expect(value('F.F')).toBe('00000000');
  });

  it('comes at 300 baud to a reader who acknowledges nothing', () => {
    const rig = new Rig({}, READOUT, { toMeter: (bytes) => (bytes[0] === 0x06 ? bytes.subarray(1) : bytes) });
    rig.reader.open();
    rig.clock.advance(8000);
    const begun = rig.passed;
    rig.clock.advance(1000);
    expect(rig.passed - begun).toBeGreaterThan(10);
    expect(rig.passed - begun).toBeLessThan(40);
  });

  it('is given again to a reader who heard it wrongly', () => {
    let isFirst = true;
    const rig = new Rig({}, READOUT, {
      toReader: (bytes) => {
        if (!isFirst || !bytes.includes(0x2a)) return bytes;
        isFirst = false;
        return bytes.map((byte, i) => (i === 0 ? byte ^ 1 : byte));
      },
    });
    expect(valueOf(readOut(rig), '0.0.0')).toBe('53078125');
    expect(rig.reader.sent.map((bytes) => bytes[0]! & 0x7f)).toContain(0x15);
  });

  it('of mode D comes unasked, at one speed, and not twice at once', () => {
    const rig = new Rig({ mode: 'D', baud: 2400 }, READOUT);
    rig.reader.open();
    for (let i = 0; i < 4; i++) rig.end.push();
    rig.clock.advance(30_000);
    expect(rig.reader.seen.filter(({ kind }) => kind === 'data')).toHaveLength(1);
    const text = Buffer.from(rig.toReader).toString();
    expect(text).toMatch(/^\/SMX3HOUSE\r\n\r\nF\.F\(/);
    expect(text.endsWith('!\r\n')).toBe(true);
  });
});

describe('mode E', () => {
  it('speaks HDLC to who asks for it, until somebody signs on again', () => {
    const rig = new Rig({ mode: 'E', family: 'landis-gyr' }, READOUT);
    const frames: string[] = [];
    const framer = new HdlcFramer(({ control }) => frames.push(control.type));
    const tell = (text: string): void => rig.end.receive(Buffer.from(text, 'latin1'));
    tell('/?!\r\n');
    rig.clock.advance(3000);
    tell('\u0006252\r\n');
    rig.clock.advance(300);
    rig.toReader.length = 0;
    const snrm = encodeFrame({ segmented: false, to: Uint8Array.of(3), from: Uint8Array.of(0x21), control: { type: 'SNRM', pf: true }, info: new Uint8Array(0) }); // prettier-ignore
    rig.end.receive(snrm);
    rig.clock.advance(300);
    framer.push(Uint8Array.from(rig.toReader));
    expect(frames).toEqual(['UA']);
    expect(valueOf(readOut(rig), '0.0.0')).toBe('53078125');
  });
});

describe('programming mode', () => {
  it.each(['landis-gyr', 'iskraemeco'] as const)(
    'of %s, however soon it answers, finds its reader at the new speed',
    (family) => {
      // prettier-ignore
      const rig = new Rig({ family });
      expect(rig.open().at(-1)).toMatchObject({ kind: 'ready' });
      expect(rig.atBlock).toBe(9600);
    },
  );

  it('gives registers one by one, in whatever words they are asked for, and says what it has not', () => {
    const rig = new Rig({ family: 'iskraemeco' });
    expect(rig.open().at(-1)).toEqual({ kind: 'ready', operand: '00000000' });
    const long = rig.dataOf('R5', '1-0:1.8.0*255()')!;
    expect(long).toMatch(/^1-0:1\.8\.0\*255\(\d{7}\.\d{3}\*kWh\)/);
    expect(rig.dataOf('R1', '1.8.0()')).toBe(long);
    expect(rig.dataOf('R1', '1-0:1.8.0()')).toBe(long);
    expect(rig.read('R1', '9.9.9()')).toEqual([{ kind: 'failed', fault: { why: 'refused', error: 'ERROR02' } }]);
    expect(rig.read('R1', 'C.7.0()')).toEqual([{ kind: 'failed', fault: { why: 'refused', error: 'ERROR05' } }]);
    expect(rig.read('R2', MORNING)).toEqual([{ kind: 'failed', fault: { why: 'refused', error: 'ERROR02' } }]);
    expect(rig.read('R5', 'P.01(yesterday;)')).toEqual([{ kind: 'failed', fault: { why: 'refused', error: 'ERROR02' } }]); // prettier-ignore
  });

  it.each([
    ['landis-gyr', 'ERROR01'],
    ['elster', 'B0'],
    ['iskraemeco', 'NAK'],
  ] as const)('of %s is closed to a wrong password, which is given once', (family, said) => {
    const rig = new Rig({ family }, { password: { command: 'P1', text: '00000000' } });
    expect(rig.open().at(-1)).toEqual({ kind: 'fault', fault: { why: 'wrong-password', answer: said } });
    rig.clock.advance(60_000);
    expect(rig.wrong).toEqual(['00000000']);
  });

  it('is over after two minutes of silence', () => {
    const rig = new Rig();
    rig.open();
    rig.clock.advance(130_000);
    const { passed } = rig;
    rig.reader.read('R1', '1.8.0()');
    rig.clock.advance(30_000);
    expect(rig.reader.seen.at(-1)).toEqual({ kind: 'fault', fault: { why: 'silent' } });
    // asked four times in vain, and left with a break
    expect(rig.passed - passed).toBe(4 * 13 + 5);
  });
});

/** Rows of the profile, as `end, status, four values`, that this text has. */
function rowsOf(text: string, { dated = false } = {}): (number | string)[][] {
  const { zone } = source.house;
  if (dated) return decodeDatedRows(text).rows.map(({ stamp, values }) => [instantOf(stamp, zone), ...values]);
  const blocks = decodeProfile(text);
  if ('fault' in blocks) throw new Error(blocks.fault);
  return blocks.flatMap(({ stamp, status, rows }) =>
    rows.map((row, i) => [instantOf(stamp, zone) + i * QUARTER, parseInt(status, 16), ...row]),
  );
}

/** What the meter keeps, as it should come. */
function kept({ hasStatus = true, perHour = 4 } = {}): (number | string)[][] {
  const { rows } = source.memory;
  return rows.slice(1).map((row, i) => {
    const before = rows[i]!;
    const text = (wattSeconds: number): string =>
      (Math.round((wattSeconds * perHour) / 360) / 10_000).toFixed(4).padStart(7, '0');
    const added = [row.import - before.import, row.export - before.export, row.reactiveImport - before.reactiveImport, row.reactiveExport - before.reactiveExport]; // prettier-ignore
    return [row.end, ...(hasStatus ? [row.status] : []), ...added.map(text)];
  });
}

describe('the load profile', () => {
  const rig = (family: DialectName, given: Partial<IecMeterOptions> = {}): Rig => {
    const own = new Rig({ family, ...given });
    expect(own.open().at(-1)).toMatchObject({ kind: 'ready' });
    return own;
  };

  it('has each row once, over the hour that comes twice and the one without power', () => {
    const all = rowsOf(rig('landis-gyr').dataOf('R5', 'P.01(;)')!);
    expect(all).toEqual(kept());
    const times = all.map(([end]) => Number(end));
    expect(new Set(times).size).toBe(times.length);
    expect(times).not.toContain(START + 2 * QUARTER);
    const headings = decodeProfile(rig('landis-gyr').dataOf('R5', 'P.01(;)')!);
    // summer, winter, behind the failure with its mark, and without it
    expect(headings).toMatchObject([{ status: '08' }, { status: '00' }, { status: '80' }, { status: '00' }]);
  });

  it.each([
    ['emh', 'R6', 4],
    ['elster', 'R6', 4],
    ['iskraemeco', 'R5', 4],
    ['metcom', 'R6', 1],
    ['generic', 'R6', 4],
  ] as const)('in the words of %s (%s) is the same', (family, command, perHour) => {
    expect(rowsOf(rig(family).dataOf(command, 'P.01(;)')!)).toEqual(kept({ perHour }));
  });

  it('with a date in each row is the same but for its status', () => {
    const text = rig('turkish').dataOf('R2', 'P.01(26-10-24,00:00;26-10-24,23:59)')!;
    const [from, to] = [Date.UTC(2026, 9, 23, 22), Date.UTC(2026, 9, 24, 22)];
    const expected = kept({ hasStatus: false, perHour: 1 }).filter(([end]) => Number(end) >= from && Number(end) < to);
    expect(expected).toHaveLength(96);
    expect(rowsOf(text, { dated: true })).toEqual(expected);
  });

  it('that says when rows begin says so a quarter of an hour before', () => {
    const [end, start] = (['end', 'start'] as const).map((stamp) => rowsOf(rig('landis-gyr', { stamp }).dataOf('R5', MORNING)!)); // prettier-ignore
    expect(start!.map(([t]) => Number(t) + QUARTER)).toEqual(end!.map(([t]) => t));
  });

  it('of a stretch has the rows that end in it; the hour that comes twice is told apart by its season', () => {
    const own = rig('landis-gyr');
    const ends = (data: string): number[] => rowsOf(own.dataOf('R6', data)!).map(([end]) => Number(end));
    const back = Date.UTC(2026, 9, 25, 1);
    expect(ends('P.01(12610250215;12610250245)')).toEqual([-3, -2, -1].map((n) => back + n * QUARTER));
    expect(ends('P.01(02610250215;02610250245)')).toEqual([1, 2, 3].map((n) => back + n * QUARTER));
    expect(ends('P.01(02610261000;)')).toHaveLength(source.memory.between(START + 4 * QUARTER, Infinity).length);
    expect(own.dataOf('R5', 'P.01(02701010000;)')).toBe('P.01()\r\n');
  });

  it('stands beside a log of what happened', () => {
    const events = decodeProfile(rig('emh').dataOf('R5', 'P.98(;)')!);
    if ('fault' in events) throw new Error(events.fault);
    const told = events.map(({ stamp, status, rows }) => [instantOf(stamp, source.house.zone), status, rows.length]);
    expect(told).toEqual([
      [Date.UTC(2026, 9, 25, 1), '0008', 1],
      [START + 1_200_000, '0080', 0],
      [START + 2_400_000, '0040', 0],
    ]);
    expect(events[0]!.rows).toEqual([['1030000', '1261025']]);
    const numbered = decodeProfile(rig('metcom').dataOf('R5', 'P.98(;)')!);
    expect(numbered).toMatchObject(
      [9, 23, 24].map((n) => ({ channels: [{ address: 'C.11.0' }], rows: [[String(n)]] })),
    );
  });
});

describe('several meters on one line', () => {
  const addresses = ['1', '2'];

  it('answer one by one, each to its address', () => {
    for (const [address, serial] of [
      ['1', '53078125'],
      ['2', '53078126'],
      ['002', '53078126'],
    ] as const)
      // prettier-ignore
      expect(valueOf(readOut(new Rig({ addresses }, { ...READOUT, address })), '0.0.0')).toBe(serial);
  });

  it('are lost to a reader who asks them all at once', () => {
    expect(new Rig({ addresses }, READOUT).open().at(-1)).toMatchObject({ kind: 'fault' });
  });
});

describe('no wrong value', () => {
  const unnamed = (given: object = {}, trouble: Trouble = {}): Rig => new Rig({ family: 'landis-gyr', ...given }, {}, trouble); // prettier-ignore
  const whole = unnamed();
  const { found: right } = exchange(whole);

  /** Each is right, or is not there for a reason. */
  function expectNothingWrong({ found, end }: Exchange): void {
    for (const [i, one] of found.entries()) expect([right[i], undefined]).toContain(one);
    if (found.at(-1) === undefined) expect(['fault', 'failed']).toContain(end.kind);
  }

  it('comes of a line that goes dead at any byte', () => {
    expect(right[2]!.length).toBeGreaterThan(220);
    expect(right[0]).not.toBe(right[1]);
    for (let cut = 0; cut < whole.passed; cut++) {
      const found = exchange(unnamed({}, { cut }));
      expectNothingWrong(found);
      expect([cut, found.end]).toEqual([cut, expect.objectContaining({ kind: 'fault', fault: expect.objectContaining({ why: 'silent' }) })]); // prettier-ignore
    }
  });

  it.each([
    ['drip', { by: 5 }],
    ['delay', { by: 1000 }],
    ['echo', {}],
    ['parity', {}],
    ['check', { answers: 3 }],
    ['nak', { answers: 2 }],
    ['silence', { answers: 1 }],
    ['baud', { answers: 2 }],
    ['noise', { answers: 2 }],
    ['clock', { by: 60_000 }],
  ] as const)('comes of a meter with the fault %s %j, and all is read in the end', (kind, given) => {
    const { found } = exchange(unnamed({ faults: [{ kind, ...given }] }));
    expect(found).toEqual(right);
  });

  it('comes of any two faults at once, nor of any delay', () => {
    const fault = fc.record({
      kind: fc.constantFrom(...IEC_FAULTS.kinds.filter((kind) => !['power', 'cut', 'restart', 'clock'].includes(kind))),
      share: fc.constantFrom(0.2, 0.5, 1),
      answers: fc.integer({ min: 1, max: 8 }),
    });
    // also longer than a reader waits before it asks again
    const delay = fc.record({ kind: fc.constant('delay' as const), by: fc.integer({ min: 1, max: 9000 }), answers: fc.integer({ min: 1, max: 8 }) }); // prettier-ignore
    fc.assert(
      fc.property(fc.tuple(fault, fc.oneof(fault, delay)), (faults) =>
        expectNothingWrong(exchange(unnamed({ faults }))),
      ),
      { numRuns: 60 },
    );
  });

  it('comes of any byte that is lost, doubled or another, and the meter is never told a password twice in one conversation', () => {
    const harm = fc.record({
      at: fc.integer({ min: 0, max: whole.passed }),
      to: fc.integer({ min: 0, max: 127 }),
      how: fc.constantFrom('lost', 'doubled', 'other'),
      way: fc.constantFrom('toReader', 'toMeter'),
    });
    fc.assert(
      fc.property(harm, ({ at, to, how, way }) => {
        let passed = 0;
        const hit = (bytes: Uint8Array): Uint8Array => {
          const i = at - passed;
          passed += bytes.length;
          if (i < 0 || i >= bytes.length) return bytes;
          const middle = { lost: [], doubled: [bytes[i]!, bytes[i]!], other: [to] }[how];
          return Uint8Array.from([...bytes.subarray(0, i), ...middle, ...bytes.subarray(i + 1)]);
        };
        const rig = unnamed({}, { [way]: hit });
        expectNothingWrong(exchange(rig));
        const passwords = rig.reader.sent.filter((bytes) => Buffer.from(withoutParity(bytes)).includes('P1\u0002'));
        expect(passwords.length).toBeLessThanOrEqual(1);
      }),
      { numRuns: 150 },
    );
  });
});
