import fc from 'fast-check';
import { encodeBlock, encodeCommand } from '../command.js';
import { decodeDataSets } from '../data-set.js';
import { withEvenParity, withoutParity } from '../parity.js';
import { IecServer, type ServerOptions } from '../server/server.js';
import type { ClientOptions } from './client-options.js';
import { IecClient } from './client.js';
import type { ClientStep } from './step.js';

const GOODBYE = withEvenParity(encodeCommand('B0'));
const READOUT = 'F.F(00000000)\r\n1.8.0(000102.28*kWh)\r\n32.7.0(230.7*V)\r\n!\r\n';
const PROFILE = ['P.01(0260110000000)(00)(15)(1)(1.5)(kW)\r\n(0.18', '65)\r\n(0.1866)\r\n'];

const METER: ServerOptions = {
  identification: { manufacturer: 'LGZ', speed: '5', escapes: [], text: 'ZMD3104100' },
  ...{ mode: 'C', baud: 9600, address: '00053078', readout: () => READOUT, operand: 'BE00B600' },
  isPassword: (command, text) => command === 'P1' && text === '12345678',
  answer: (_, data) => {
    if (data === '1.8.0()') return ['1.8.0(000102.28*kWh)\r\n'];
    return data.startsWith('P.01') ? PROFILE : ['(ERROR06)'];
  },
};
const READER: ClientOptions = { mode: 'programming', password: { command: 'P1', text: '12345678' } };

interface Line {
  /** Does to bytes of the meter what the line does. */
  readonly toReader?: (bytes: Uint8Array) => Uint8Array;
  readonly toMeter?: (bytes: Uint8Array) => Uint8Array;
  readonly piece?: number;
}

/** A reader and a meter on one line of whatever quality; steps that are no bytes are kept. */
class Pair {
  readonly seen: ClientStep[] = [];
  readonly sent: Uint8Array[] = [];
  baud = { reader: 300, meter: 300 };
  private readonly toReader: Uint8Array[] = [];

  constructor(
    readonly client: IecClient,
    readonly meter: IecServer,
    private readonly line: Line = {},
  ) {}

  run(steps: ClientStep[]): ClientStep[] {
    const from = this.seen.length;
    this.do(steps);
    for (let bytes = this.toReader.shift(); bytes !== undefined; bytes = this.toReader.shift()) {
      const { piece = bytes.length } = this.line;
      for (let at = 0; at < bytes.length; at += Math.max(1, piece))
        this.do(this.client.receive(bytes.subarray(at, at + Math.max(1, piece))));
    }
    return this.seen.slice(from);
  }

  /** Silence, as often as it takes until something comes of it. */
  silence(times = 1): void {
    for (let n = 0; n < times; n++) {
      for (const step of this.meter.timeout()) if (step.kind === 'speed') this.baud.meter = step.baud;
      this.run(this.client.timeout());
    }
  }

  private do(steps: ClientStep[]): void {
    for (const step of steps) {
      if (step.kind === 'speed') this.baud.reader = step.baud;
      if (step.kind !== 'send') {
        this.seen.push(step);
        continue;
      }
      this.sent.push(step.bytes);
      const { toMeter = (bytes) => bytes, toReader = (bytes) => bytes } = this.line;
      for (const answer of this.meter.receive(toMeter(step.bytes))) {
        if (answer.kind === 'speed') this.baud.meter = answer.baud;
        if (answer.kind === 'send') this.toReader.push(toReader(answer.bytes));
      }
    }
  }
}

const pair = (options: ClientOptions = READER, meter: Partial<ServerOptions> = {}, line: Line = {}): Pair =>
  new Pair(new IecClient(options), new IecServer({ ...METER, ...meter }), line);
const kinds = (steps: readonly ClientStep[]): string[] => steps.map(({ kind }) => kind);
const text = (bytes: Uint8Array): string => Buffer.from(withoutParity(bytes)).toString('latin1');

describe('a readout', () => {
  it.each(['A', 'B', 'C'] as const)('of mode %s comes whole, at the speed of the mode, and ends', (mode) => {
    const own = pair(
      { mode: 'readout' },
      { mode, identification: { ...METER.identification, speed: { A: ' ', B: 'E', C: '5' }[mode] } },
    );
    const steps = own.run(own.client.open());
    expect(steps.at(-2)).toEqual({ kind: 'data', data: READOUT, proof: 'check' });
    expect(steps.at(-1)).toEqual({ kind: 'ended' });
    expect(own.baud.reader).toBe(mode === 'A' ? 300 : 9600);
    if (mode === 'C') {
      expect(kinds(steps)).toEqual(['identified', 'wait', 'wait', 'speed', 'data', 'ended']);
      expect(own.sent.map(text)).toEqual(['/?!\r\n', '\u0006050\r\n']);
    }
  });

  it('without a frame is taken as what it is: unproven', () => {
    const client = new IecClient({ mode: 'readout' });
    client.open();
    const steps = client.receive(Buffer.from('/KAM MC\r\n\r\n1.8.0(5*kWh)\r\n!\r\n'));
    expect(steps).toContainEqual({ kind: 'data', data: '\n\r\n1.8.0(5*kWh)\r\n', proof: 'none' });
  });

  it('in partial blocks is whole only with the last', () => {
    const client = new IecClient({ mode: 'readout' });
    client.open();
    client.receive(Buffer.from('/LGZ5ZMD\r\n'));
    expect(kinds(client.receive(encodeBlock('1.8.0(5*k', { isLast: false })))).toEqual(['send']);
    expect(client.receive(encodeBlock('Wh)\r\n!\r\n'))[0]).toMatchObject({
      kind: 'data',
      data: '1.8.0(5*kWh)\r\n!\r\n',
    });
  });

  it('is asked again where its check is wrong, three times', () => {
    let wrong = 2;
    const damage = (bytes: Uint8Array): Uint8Array =>
      bytes.length > 50 && wrong-- > 0 ? bytes.map((byte, i) => (i === 20 ? byte ^ 0x03 : byte)) : bytes;
    // a meter that repeats its readout
    const meter = new IecServer(METER);
    const client = new IecClient({ mode: 'readout' });
    client.open();
    meter.receive(withEvenParity(Buffer.from('/?!\r\n')));
    client.receive(Buffer.from('/LGZ5ZMD\r\n'));
    const block = withEvenParity(encodeBlock(READOUT));
    expect(client.receive(damage(block))).toMatchObject([{ kind: 'send' }]);
    expect(client.receive(damage(block))).toMatchObject([{ kind: 'send' }]);
    expect(client.receive(damage(block))).toMatchObject([{ kind: 'data', data: READOUT }, { kind: 'ended' }]);
    const lost = new IecClient({ mode: 'readout' });
    lost.open();
    lost.receive(Buffer.from('/LGZ5ZMD\r\n'));
    wrong = 9;
    for (let n = 0; n < 3; n++) expect(lost.receive(damage(block))).toMatchObject([{ kind: 'send' }]);
    expect(lost.receive(damage(block))).toEqual([{ kind: 'fault', fault: { why: 'damaged' } }]);
  });

  it('of a meter that says mode C and gives its data at once is taken as it comes, and nothing is sent meanwhile', () => {
    const own = pair({ mode: 'readout', handshake: 'A' }, { mode: 'A' });
    expect(own.run(own.client.open()).at(-2)).toMatchObject({ kind: 'data', data: READOUT });
    expect(own.sent).toHaveLength(1);
  });

  it('of a line whose speed is fixed is asked for at 300 baud, or not at all', () => {
    const slow = pair({ mode: 'readout', fixedBaud: 300 });
    expect(kinds(slow.run(slow.client.open()))).not.toContain('speed');
    expect(text(slow.sent[1]!)).toBe('\u0006000\r\n');
    const weak = pair({ mode: 'readout', mostBaud: 4800 });
    expect(kinds(weak.run(weak.client.open()))).not.toContain('speed');
    expect(text(weak.sent[1]!)).toBe('\u0006000\r\n');
    expect(weak.seen.at(-2)).toMatchObject({ kind: 'data', data: READOUT });
    const bridge = pair({ mode: 'readout', fixedBaud: 4800 });
    expect(bridge.run(bridge.client.open()).at(-1)).toMatchObject({ kind: 'fault', fault: { why: 'speed' } });
  });
});

describe('programming mode', () => {
  it('gives the password once, reads registers and partial blocks, is refused, and ends', () => {
    const own = pair({ ...READER, address: '53078' });
    expect(own.run(own.client.open()).at(-1)).toEqual({ kind: 'ready', operand: 'BE00B600' });
    expect(own.run(own.client.read('R1', '1.8.0()'))).toEqual([
      { kind: 'data', data: '1.8.0(000102.28*kWh)\r\n', proof: 'check' },
    ]);
    expect(own.run(own.client.read('R6', 'P.01(02601100000;)'))).toEqual([
      { kind: 'data', data: PROFILE.join(''), proof: 'check' },
    ]);
    expect(own.run(own.client.read('R5', '9.9.9()'))).toEqual([
      { kind: 'failed', fault: { why: 'refused', error: 'ERROR06' } },
    ]);
    expect(own.run(own.client.close())).toEqual([{ kind: 'ended' }]);
    expect(own.baud.meter).toBe(300);
    expect(own.sent.map(text).filter((line) => line.startsWith('\u0001P'))).toEqual([
      '\u0001P1\u0002(12345678)\u0003i',
    ]);
  });

  it('stops for good at a wrong password, whatever way the meter says so', () => {
    const wrong = { ...READER, password: { command: 'P1', text: '00000000' } } as const;
    const own = pair(wrong);
    expect(own.run(own.client.open()).at(-1)).toEqual({
      kind: 'fault',
      fault: { why: 'wrong-password', answer: 'ERROR01' },
    });
    own.silence(5);
    expect(own.client.receive(withEvenParity(encodeBlock('1.8.0(1)')))).toEqual([]);
    expect(own.sent.filter((bytes) => text(bytes).startsWith('\u0001P1'))).toHaveLength(1);
    for (const [answer, told] of [
      [Uint8Array.of(0x15), 'NAK'],
      [withEvenParity(Buffer.from('\u0001B0\u0003q')), 'B0'],
    ] as const) {
      const client = new IecClient(wrong);
      client.open();
      client.receive(Buffer.from('/LGZ5ZMD\r\n'));
      client.receive(encodeBlock('(1)', { command: 'P0' }));
      const steps = client.receive(answer);
      expect(steps.at(-1)).toEqual({ kind: 'fault', fault: { why: 'wrong-password', answer: told } });
      // unless the meter has said so first, it is told that this is the end
      const isTold = steps.some((step) => step.kind === 'send' && Buffer.from(step.bytes).equals(GOODBYE));
      expect(isTold).toBe(told !== 'B0');
    }
  });

  it('takes an echo of the password behind noise for no refusal, and shows the password to nobody', () => {
    const proving = (): readonly [IecClient, Uint8Array] => {
      const client = new IecClient(READER);
      client.open();
      client.receive(Buffer.from('/LGZ5ZMD\r\n'));
      const [step] = client.receive(encodeBlock('(1)', { command: 'P0' }));
      return [client, step?.kind === 'send' ? step.bytes : new Uint8Array()];
    };
    const [client, sent] = proving();
    expect(client.receive(Buffer.concat([Uint8Array.of(0x55), sent]))).toEqual([]);
    expect(client.receive(Uint8Array.of(0x06))).toMatchObject([{ kind: 'ready' }]);
    const [other] = proving();
    const steps = other.receive(withEvenParity(encodeBlock('(12345678)')));
    expect(steps.at(-1)).toMatchObject({ kind: 'fault', fault: { why: 'wrong-password' } });
    expect(JSON.stringify(steps)).not.toContain('12345678');
  });

  it('shows nobody a password that cannot be said', () => {
    for (const command of ['P1', 'P2'] as const) {
      const said = (): Uint8Array => encodeCommand(command, '(se(cret)');
      expect(said).toThrow(expect.objectContaining({ code: 'SMX_PROTOCOL_ENCODE' }));
      expect(said).not.toThrow(/se\(cret/);
    }
  });

  it('is not read out of a meter that has none', () => {
    const plain = pair(READER, { mode: 'A' });
    expect(plain.run(plain.client.open()).at(-1)).toMatchObject({ kind: 'fault', fault: { why: 'mode' } });
    const client = new IecClient(READER);
    client.open();
    client.receive(Buffer.from('/LGZ5ZMD\r\n'));
    expect(kinds(client.receive(encodeBlock(READOUT)))).toEqual(['speed', 'send']);
    client.receive(Buffer.from('/LGZ5ZMD\r\n'));
    expect(client.receive(encodeBlock(READOUT))).toMatchObject([{ kind: 'fault', fault: { why: 'mode' } }]);
  });

  it('works over an echo, a line that shows no parity, and byte by byte', () => {
    for (const strip of [false, true])
      for (const piece of [1, 3, 4096]) {
        const line: Line = {
          piece,
          ...(strip ? { toReader: (bytes: Uint8Array) => bytes.map((byte) => byte & 0x7f) } : {}),
        };
        const own = pair(READER, {}, line);
        const echoing = own.client.receive.bind(own.client);
        let echo: Uint8Array | undefined;
        own.client.receive = (bytes) => {
          const sent = own.sent.at(-1);
          const before = sent === echo || sent === undefined ? [] : echoing(sent);
          echo = sent;
          return [...before, ...echoing(bytes)];
        };
        expect(own.run(own.client.open()).at(-1)).toMatchObject({ kind: 'ready' });
        expect(own.run(own.client.read('R6', 'P.01(;)'))).toMatchObject([{ kind: 'data', data: PROFILE.join('') }]);
      }
  });

  it('asks again after silence at the speed the meter is back to, and gives up after three times', () => {
    const own = pair();
    const steps = own.run(own.client.open());
    expect(steps.at(-1)).toMatchObject({ kind: 'ready' });
    const dead = new IecClient(READER);
    dead.open();
    dead.receive(Buffer.from('/LGZ5ZMD\r\n'));
    expect(dead.timeout()).toEqual([{ kind: 'speed', baud: 300 }, expect.objectContaining({ kind: 'send' })]);
    dead.timeout();
    dead.timeout();
    expect(dead.timeout()).toEqual([{ kind: 'fault', fault: { why: 'silent' } }]);
    expect(dead.timeout()).toEqual([]);
  });

  it('signs on once more where the acknowledgement was lost and the meter read out by itself', () => {
    let lost = 1;
    const own = pair(READER, {}, { toMeter: (bytes) => (text(bytes).startsWith('\u0006') && lost-- > 0 ? bytes.subarray(0, 0) : bytes) }); // prettier-ignore
    own.run(own.client.open());
    expect(kinds(own.seen)).not.toContain('ready');
    for (const step of own.meter.timeout()) if (step.kind === 'send') own.run(own.client.receive(step.bytes));
    expect(own.seen.at(-1)).toMatchObject({ kind: 'ready' });
    // who does so each time has no programming mode
    const other = pair(READER, {}, { toMeter: (bytes) => (text(bytes).startsWith('\u0006') ? bytes.subarray(0, 0) : bytes) }); // prettier-ignore
    other.run(other.client.open());
    for (let times = 0; times < 2; times++)
      for (const step of other.meter.timeout()) if (step.kind === 'send') other.run(other.client.receive(step.bytes));
    expect(other.seen.at(-1)).toMatchObject({ kind: 'fault', fault: { why: 'mode' } });
  });

  it('asks a meter anew who it is where one bit of that was another, which may be its speed', () => {
    const told = withEvenParity(Buffer.from('/LGZ5ZMD\r\n'));
    const wrong = Uint8Array.from(told);
    // a 4 in place of the 5
    wrong[4]! ^= 1;
    const client = new IecClient({ mode: 'readout' });
    client.open();
    for (let tries = 0; tries < 2; tries++) {
      expect(client.receive(wrong)).toEqual([]);
      expect(client.timeout().map((step) => step.kind === 'send' && text(step.bytes))).toEqual(['/?!\r\n']);
    }
    expect(client.receive(told)).toContainEqual({ kind: 'speed', baud: 9600 });
    const never = new IecClient({ mode: 'readout', retries: 0 });
    never.open();
    never.receive(wrong);
    expect(never.timeout()).toEqual([{ kind: 'fault', fault: { why: 'damaged' } }]);
  });

  it('reads the same though any one byte of the line is lost or another, or says that it does not', () => {
    const whole = pair();
    whole.run(whole.client.open());
    const answer = fc.record({
      at: fc.integer({ min: 0, max: 400 }),
      to: fc.integer({ min: 0, max: 255 }),
      how: fc.constantFrom('lost', 'other'),
      way: fc.constantFrom('toReader', 'toMeter'),
    });
    fc.assert(
      fc.property(answer, ({ at, to, how, way }) => {
        let passed = 0;
        const harm = (bytes: Uint8Array): Uint8Array => {
          const i = at - passed;
          passed += bytes.length;
          if (i < 0 || i >= bytes.length) return bytes;
          return how === 'lost'
            ? Buffer.concat([bytes.subarray(0, i), bytes.subarray(i + 1)])
            : bytes.map((b, k) => (k === i ? to : b));
        };
        const own = pair(READER, {}, { [way]: harm });
        own.run(own.client.open());
        own.silence(8);
        if (own.seen.at(-1)?.kind !== 'ready') {
          expect(own.seen.at(-1)?.kind).toBe('fault');
          return;
        }
        const from = own.seen.length;
        own.run(own.client.read('R6', 'P.01(;)'));
        own.silence(8);
        const told = own.seen
          .slice(from)
          .filter(({ kind }) => kind === 'data' || kind === 'failed' || kind === 'fault');
        expect(told).toHaveLength(1);
        if (told[0]!.kind === 'data') expect(told[0]).toMatchObject({ data: PROFILE.join('') });
      }),
      { numRuns: 400 },
    );
  });

  it('takes no answer for that of another question, though a repeated one is answered twice', () => {
    const own = pair();
    own.run(own.client.open());
    own.client.read('R1', '1.8.0()');
    own.client.timeout();
    const first = withEvenParity(encodeBlock('(000102.28*kWh)'));
    expect(own.client.receive(first)).toMatchObject([{ kind: 'data' }]);
    // the next waits until the meter has nothing more to say of the one before
    expect(own.client.read('R1', '2.8.0()')).toEqual([]);
    expect(own.client.receive(first)).toEqual([]);
    expect(own.client.timeout()).toMatchObject([{ kind: 'send' }]);
    const second = withEvenParity(encodeBlock('1-0:2.8.0*255(000001.00*kWh)'));
    expect(own.client.receive(second)).toMatchObject([{ kind: 'data', data: '1-0:2.8.0*255(000001.00*kWh)' }]);
    expect(own.client.read('R1', '32.7.0()')).toMatchObject([{ kind: 'send' }]);
    expect(own.client.receive(second)).toEqual([]);
    expect(own.client.receive(withEvenParity(encodeBlock('(230.7*V)')))).toMatchObject([{ kind: 'data' }]);
    // medium and channel of its own, which it was not asked for
    own.client.read('R1', '52.7.0()');
    expect(own.client.receive(withEvenParity(encodeBlock('1-1:52.7.0(231.7*V)')))).toMatchObject([{ kind: 'data' }]);
  });

  it('asks again, and not for the last again, where its question may not have come through', () => {
    const own = pair();
    own.run(own.client.open());
    own.run(own.client.read('R1', '1.8.0()'));
    own.client.read('R1', '32.7.0()');
    const noise = withEvenParity(encodeBlock('(1)')).map((byte, i) => (i === 2 ? byte ^ 1 : byte));
    for (const steps of [own.client.receive(noise), own.client.timeout()])
      expect(steps.map((step) => step.kind === 'send' && text(step.bytes).slice(0, 3))).toEqual(['\u0001R1']);
  });

  it('neither doubles nor drops a partial block that comes twice, and ends what goes on for ever', () => {
    const own = pair({ ...READER, longest: 200 });
    own.run(own.client.open());
    const part = withEvenParity(encodeBlock('P.01(0260110000000)(00)(15)(1)(1.5)(kW)(0)', { isLast: false }));
    own.client.read('R6', 'P.01(;)');
    own.client.receive(part);
    own.client.timeout();
    expect(own.client.receive(part)).toEqual([{ kind: 'failed', fault: { why: 'damaged' } }]);
    own.client.read('R6', 'P.01(;)');
    own.client.timeout();
    own.client.receive(part);
    // the meter took the acknowledgement for noise, and begins anew where it is asked anew
    expect(kinds(own.client.receive(Uint8Array.of(0x15)))).toEqual(['send']);
    own.client.receive(part);
    expect(own.client.receive(withEvenParity(encodeBlock('(1)')))).toMatchObject([
      { kind: 'data', data: 'P.01(0260110000000)(00)(15)(1)(1.5)(kW)(0)(1)' },
    ]);
    own.client.read('R6', 'P.01(;)');
    own.client.timeout();
    const steps = Array.from({ length: 9 }, () => own.client.receive(part)).flat();
    expect(steps).toContainEqual({ kind: 'failed', fault: { why: 'long' } });
  });

  it('never says a word that changes a meter, whatever the meter says', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.uint8Array({ maxLength: 40 }),
            fc.constantFrom('P0', '', 'B0').map((c) => encodeBlock('(1)', c === '' ? {} : { command: c })),
            fc.constant(Buffer.from('/LGZ5ZMD\r\n')),
            fc.constant(Uint8Array.of(6)),
          ),
          { maxLength: 12 },
        ),
        (chunks) => {
          const client = new IecClient(READER);
          const steps = [...client.open()];
          for (const chunk of chunks) steps.push(...client.receive(chunk), ...client.timeout());
          for (const step of steps)
            if (step.kind === 'send')
              expect(text(step.bytes)).toMatch(/^(\/\?!\r\n|\u0006051\r\n|\u0001P1\u0002|\u0001B0|\u0006$|\u0015$)/);
        },
      ),
    );
  });
});

it('the meter of this pair answers only to its own address', () => {
  for (const [address, answers] of [
    ['53078', true],
    ['00053078', true],
    ['53079', false],
  ] as const) {
    const own = pair({ mode: 'readout', address });
    expect(own.run(own.client.open()).some(({ kind }) => kind === 'data')).toBe(answers);
  }
  expect(decodeDataSets(READOUT)).toHaveLength(3);
});
