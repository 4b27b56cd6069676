import fc from 'fast-check';
import { ClientLink, type ClientLinkOptions, type LinkStep } from './client-link.js';
import type { HdlcFrame } from './frame.js';
import { HdlcFramer } from './framer.js';
import type { LinkLimits } from './negotiation.js';
import { ServerLink } from './server-link.js';

const limits = (info: number, window: number): LinkLimits => ({
  infoTransmit: info,
  infoReceive: info,
  windowTransmit: window,
  windowReceive: window,
});

/** A client and a meter on one line that loses the frames it is told to lose, counted from 0. */
class Pair {
  readonly client: ClientLink;
  readonly server: ServerLink;
  readonly asked: Buffer[] = [];
  readonly answers: Buffer[] = [];
  /** Longest information field each way. */
  readonly longest = { up: 0, down: 0 };
  private readonly steps: LinkStep[] = [];
  private sent = 0;

  constructor(
    private readonly lost: ReadonlySet<number>,
    { answer, ...options }: Partial<ClientLinkOptions> & { answer: Uint8Array; meter?: LinkLimits },
  ) {
    this.client = new ClientLink({ client: 16, server: { upper: 1 }, ...options });
    this.server = new ServerLink({
      server: { upper: 1 },
      ...(options.meter === undefined ? {} : { limits: options.meter }),
    });
    this.answer = answer;
  }
  private readonly answer: Uint8Array;

  /** Puts frames on the line until neither side has more to say; silence brings the client to ask again. */
  run(first: readonly Uint8Array[], isOver: () => boolean): void {
    this.toServer(first);
    for (let silence = 0; !isOver(); silence++) {
      expect(silence).toBeLessThan(20);
      this.toServer(this.client.timeout());
    }
  }

  connect(): void {
    this.run([this.client.connect()], () => this.client.isConnected);
  }

  ask(apdu: Uint8Array): void {
    const before = this.answers.length;
    this.run(this.client.request(apdu), () => this.answers.length > before);
  }

  private toServer(frames: readonly Uint8Array[]): void {
    const up = this.carry(frames);
    for (const frame of up) {
      this.longest.up = Math.max(this.longest.up, frame.info.length);
      for (const step of this.server.receive(frame)) {
        if (step.kind === 'send') this.toClient([step.frame]);
        if (step.kind !== 'apdu') continue;
        this.asked.push(Buffer.from(step.apdu));
        this.toClient(this.server.answer(this.answer));
      }
    }
  }

  private toClient(frames: readonly Uint8Array[]): void {
    for (const frame of this.carry(frames)) {
      this.longest.down = Math.max(this.longest.down, frame.info.length);
      for (const step of this.client.receive(frame)) {
        this.steps.push(step);
        if (step.kind === 'send') this.toServer([step.frame]);
        if (step.kind === 'apdu') this.answers.push(Buffer.from(step.apdu));
      }
    }
  }

  private carry(frames: readonly Uint8Array[]): HdlcFrame[] {
    const arrived: HdlcFrame[] = [];
    const framer = new HdlcFramer((frame) => arrived.push(frame));
    for (const frame of frames) if (!this.lost.has(this.sent++)) framer.push(frame);
    return arrived;
  }
}

const bytes = (length: number): Buffer => Buffer.from(Array.from({ length }, (_, i) => (i * 7) & 0xff));

describe('a link to a meter', () => {
  it('cuts a request as the meter can take it, and puts one large answer together', () => {
    // as Landis+Gyr ZMD do: 62 bytes in, 128 out, and an object list of 5 kB as one APDU
    const meter = { infoTransmit: 128, infoReceive: 62, windowTransmit: 1, windowReceive: 1 };
    const pair = new Pair(new Set(), { answer: bytes(5000), meter });
    pair.connect();
    pair.ask(bytes(124));
    expect(pair.asked).toEqual([bytes(124)]);
    expect(pair.answers).toEqual([bytes(5000)]);
    expect(pair.longest).toEqual({ up: 62, down: 128 });
  });

  it.each([1, 3, 7])('carries each request and answer once, whatever is lost, with a window of %i', (window) => {
    const options = { limits: limits(32, window), meter: limits(32, window) };
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 200 }),
        fc.integer({ min: 1, max: 300 }),
        fc.uniqueArray(fc.integer({ min: 0, max: 40 }), { maxLength: 6 }),
        (asked, answered, lost) => {
          const pair = new Pair(new Set(lost), { answer: bytes(answered), ...options });
          pair.connect();
          pair.ask(bytes(asked));
          pair.ask(bytes(asked));
          expect(pair.asked).toEqual([bytes(asked), bytes(asked)]);
          expect(pair.answers).toEqual([bytes(answered), bytes(answered)]);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('takes its own frames come back for an echo, and frames of other meters for none of its own', () => {
    const pair = new Pair(new Set(), { answer: bytes(1) });
    const other = new ClientLink({ client: 16, server: { upper: 2 } });
    const seen: HdlcFrame[] = [];
    const framer = new HdlcFramer((frame) => seen.push(frame));
    framer.push(pair.client.connect());
    framer.push(other.connect());
    expect(seen.flatMap((frame) => pair.client.receive(frame))).toEqual([
      { kind: 'ignored', why: 'echo' },
      { kind: 'ignored', why: 'address' },
    ]);
  });

  it.each([false, true])(
    'tells answers from echoes where both ends have one address; the line gives back: %s',
    (echoes) => {
      const client = new ClientLink({ client: 1, server: { upper: 1 } });
      const meter = new ServerLink({ server: { upper: 1 } });
      const told: LinkStep[] = [];
      const line: (readonly [to: 'client' | 'meter', frame: Uint8Array])[] = [];
      const put = (bytes: Uint8Array): void => {
        if (echoes) line.push(['client', bytes]);
        line.push(['meter', bytes]);
      };
      const run = (): void => {
        for (let next = line.shift(); next !== undefined; next = line.shift()) {
          const [to, bytes] = next;
          new HdlcFramer((frame) => {
            if (to === 'client')
              for (const step of client.receive(frame)) {
                if (step.kind === 'send') put(step.frame);
                else told.push(step.kind === 'apdu' ? { ...step, apdu: Buffer.from(step.apdu) } : step);
              }
            else
              for (const step of meter.receive(frame)) {
                if (step.kind === 'send') line.push(['client', step.frame]);
                else if (step.kind === 'apdu')
                  line.push(...meter.answer(step.apdu).map((one) => ['client', one] as const));
              }
          }).push(bytes);
        }
      };
      put(client.disconnect());
      run();
      put(client.connect());
      run();
      for (const frame of client.request(bytes(300))) put(frame);
      run();
      expect(told.filter(({ kind }) => kind !== 'ignored')).toMatchObject([
        { kind: 'disconnected' },
        { kind: 'connected' },
        { kind: 'apdu', apdu: bytes(300) },
      ]);
    },
  );

  it('takes what its own meter says unasked, to it or to all, and nothing of a neighbour on the line', () => {
    const client = new ClientLink({ client: 16, server: { upper: 1 } });
    const said = (to: number, from: number): LinkStep[] =>
      client.receive({
        ...{ segmented: false, to: Uint8Array.of(to), from: Uint8Array.of(from) },
        ...{ control: { type: 'UI', pf: false }, info: Uint8Array.of(0xe6, 0xe7, 0, 9) },
      });
    const apdu = Uint8Array.of(9);
    expect(said(0x21, 0x03)).toEqual([{ kind: 'push', apdu }]);
    expect(said(0xff, 0x03)).toEqual([{ kind: 'push', apdu }]);
    expect(said(0x21, 0x05)).toEqual([{ kind: 'ignored', why: 'address' }]);
    expect(said(0xff, 0x05)).toEqual([{ kind: 'ignored', why: 'address' }]);
  });

  it('says that the meter wants no link, and takes no request without one', () => {
    const client = new ClientLink({ client: 16, server: { upper: 1 } });
    const meter = new ServerLink({ server: { upper: 1 } });
    expect(() => client.request(bytes(3))).toThrow(expect.objectContaining({ code: 'SMX_PROTOCOL_ENCODE' }));
    const told: LinkStep[] = [];
    const toClient = new HdlcFramer((frame) => told.push(...client.receive(frame)));
    const toMeter = new HdlcFramer((frame) => {
      for (const step of meter.receive(frame)) if (step.kind === 'send') toClient.push(step.frame);
    });
    toMeter.push(client.disconnect());
    expect(told).toEqual([{ kind: 'disconnected' }]);
  });

  it('reads a meter whose numbers never rise, where it is told to', () => {
    const client = new ClientLink({ client: 16, server: { upper: 1 }, lenientSequence: true });
    const strict = new ClientLink({ client: 16, server: { upper: 1 } });
    const frame = (control: HdlcFrame['control'], info: Uint8Array = new Uint8Array(0)): HdlcFrame => ({
      segmented: false,
      to: Uint8Array.of(0x21),
      from: Uint8Array.of(0x03),
      control,
      info,
    });
    const answer = frame({ type: 'I', ns: 0, nr: 0, pf: true }, Uint8Array.of(0xe6, 0xe7, 0, 9));
    const apdu = { kind: 'apdu', apdu: Uint8Array.of(9) };
    for (const link of [client, strict]) {
      link.connect();
      link.receive(frame({ type: 'UA', pf: true }));
      link.request(bytes(2));
      expect(link.receive(answer)).toEqual([apdu]);
      link.request(bytes(2));
    }
    expect(client.receive(answer)).toEqual([apdu]);
    expect(strict.receive(answer)).toEqual([{ kind: 'ignored', why: 'order' }]);
  });

  it('polls a meter that is not ready and says its request again once it is, and takes DM and FRMR for an end', () => {
    const frame = (control: HdlcFrame['control'], info: Uint8Array = new Uint8Array(0)): HdlcFrame => ({
      ...{ segmented: false, to: Uint8Array.of(0x21), from: Uint8Array.of(0x03), control, info },
    });
    const kinds = (sent: readonly Uint8Array[]): unknown[] => {
      const seen: HdlcFrame[] = [];
      const framer = new HdlcFramer((one) => seen.push(one));
      for (const one of sent) framer.push(one);
      return seen.map(({ control }) => control.type);
    };
    for (const end of ['DM', 'FRMR'] as const) {
      const link = new ClientLink({ client: 16, server: { upper: 1 } });
      link.connect();
      link.receive(frame({ type: 'UA', pf: true }));
      link.request(bytes(2));
      expect(link.receive(frame({ type: 'RNR', nr: 0, pf: true }))).toEqual([{ kind: 'waits' }]);
      expect(kinds(link.timeout())).toEqual(['RR']);
      const again = link.receive(frame({ type: 'RR', nr: 0, pf: true }));
      expect(kinds(again.flatMap((step) => (step.kind === 'send' ? [step.frame] : [])))).toEqual(['I']);
      expect(link.receive(frame({ type: end, pf: true }))).toEqual([{ kind: 'refused', by: end }]);
      expect(link.isConnected).toBe(false);
    }
    const link = new ClientLink({ client: 16, server: { upper: 1 } });
    link.connect();
    link.receive(frame({ type: 'UA', pf: true }));
    link.request(bytes(2));
    const steps = Array.from({ length: 25 }, () => link.receive(frame({ type: 'RNR', nr: 0, pf: true }))).flat();
    expect(steps.at(-1)).toEqual({ kind: 'refused', by: 'RNR' });
  });

  it('gives up a meter that says the same again and again, takes nothing, or sends pieces of nothing', () => {
    const frame = (control: HdlcFrame['control'], info = '', segmented = false): HdlcFrame => ({
      ...{ segmented, to: Uint8Array.of(0x21), from: Uint8Array.of(0x03), control, info: Buffer.from(info, 'hex') },
    });
    const ends = (said: HdlcFrame, at = 0): readonly [times: number, by: string] => {
      const link = new ClientLink({ client: 16, server: { upper: 1 } });
      link.connect();
      link.receive(frame({ type: 'UA', pf: true }));
      link.request(bytes(2));
      for (let times = 1; times < 100; times++) {
        const { control } = said;
        const next = control.type === 'I' ? { ...said, control: { ...control, ns: (control.ns + at * times) & 7 } } : said; // prettier-ignore
        const end = link.receive(next).find((step) => step.kind === 'refused');
        if (end !== undefined) return [times, end.by];
      }
      return [Infinity, ''];
    };
    expect(ends(frame({ type: 'RR', nr: 0, pf: true }))).toEqual([25, 'RR']);
    expect(ends(frame({ type: 'I', ns: 5, nr: 1, pf: true }, 'e6e70009'))).toEqual([25, 'order']);
    expect(ends(frame({ type: 'I', ns: 7, nr: 1, pf: true }, '', true), 1)).toEqual([1, 'length']);
    // pieces that bring the answer further are no repetition, however many they are
    expect(ends(frame({ type: 'I', ns: 7, nr: 1, pf: true }, '09', true), 1)).toEqual([Infinity, '']);
  });
});
