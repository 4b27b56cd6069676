import fc from 'fast-check';
import { cipherHeader, decodeApdu, encodeWrapper, seal, wrapCiphered } from '@smx-edge/protocols/cosem';
import { DlmsClient, type ClientStep, type DlmsClientOptions, type DlmsServer } from '@smx-edge/protocols/dlms';
import { meterOf, reading, settingsOf, type Terms } from './support/dlms-line.js';

/** What becomes of a datagram on its way. */
type Fate = 'comes' | 'lost' | 'twice' | 'late';

const HEADER = 8;
const NAMES = ['voltage', 'clock', 'profile'] as const;
const PLAIN: Terms = { framing: 'wrapper', referencing: 'LN', mechanism: 1 };
const WAYS: [string, Terms][] = [
  ['in plain', PLAIN],
  ['ciphered', { ...PLAIN, suite: 0 }],
  ['in blocks', { ...PLAIN, blocks: 'get', rows: 24 }],
  ['in general blocks, ciphered', { ...PLAIN, suite: 0, blocks: 'general', rows: 24 }],
];

function optionsOf(terms: Terms): DlmsClientOptions {
  const transport = { framing: 'wrapper', client: 16, server: 1, datagrams: true } as const;
  return { ...settingsOf(terms), transport };
}

/** A network between a client and a meter that does to each datagram what it is told, and then lets all pass. */
class Network {
  readonly sent: Uint8Array[] = [];
  fates: Fate[] = [];
  silences = 0;
  private held: (() => ClientStep[])[] = [];

  constructor(
    private readonly client: DlmsClient,
    private readonly meter: DlmsServer,
  ) {}

  /** Facts of what the client began, once there is one. */
  run(steps: readonly ClientStep[]): ClientStep[] {
    const facts = this.settle(steps);
    for (let i = 0; facts.length === 0 && i < 6; i++) {
      this.silences++;
      facts.push(...this.settle(this.client.timeout()));
    }
    return facts;
  }

  private settle(steps: readonly ClientStep[]): ClientStep[] {
    const facts: ClientStep[] = [];
    let todo = [...steps];
    while (todo.length > 0) {
      facts.push(...todo.filter(({ kind }) => kind !== 'send' && kind !== 'ignored'));
      todo = todo.flatMap((step) => (step.kind === 'send' ? this.toMeter(step.bytes) : []));
    }
    return facts;
  }

  private toMeter(bytes: Uint8Array): ClientStep[] {
    this.sent.push(bytes);
    return this.pass(() => this.meter.receive(bytes).flatMap((answer) => this.pass(() => this.client.receive(answer))));
  }

  private pass(deliver: () => ClientStep[]): ClientStep[] {
    const fate = this.fates.shift() ?? 'comes';
    if (fate === 'lost') return [];
    if (fate === 'late') {
      this.held.push(deliver);
      return [];
    }
    const steps = [...deliver(), ...(fate === 'twice' ? deliver() : [])];
    return [...steps, ...this.held.splice(0).flatMap((late) => late())];
  }
}

function associated(terms: Terms): { client: DlmsClient; network: Network } {
  const client = new DlmsClient(optionsOf(terms));
  const network = new Network(client, meterOf(terms));
  expect(network.run(client.connect())).toMatchObject([{ kind: 'associated' }]);
  return { client, network };
}

function read(terms: Terms, name: (typeof NAMES)[number]): ClientStep[] {
  const { client, network } = associated(terms);
  return network.run(client.read([reading(terms, name)]));
}

const answer = (steps: readonly ClientStep[]): unknown =>
  steps.map((step) => (step.kind === 'answer' ? step.results : step.kind));

describe.each(WAYS)('a meter that is asked in datagrams, %s', (_, terms) => {
  it('is asked once more, and twice, for what was lost on either way, and then counts as silent', () => {
    for (const name of ['voltage', 'profile'] as const) {
      const { client, network } = associated(terms);
      const whole = answer(network.run(client.read([reading(terms, name)])));
      for (const fates of [
        ['lost'],
        ['comes', 'lost'],
        ['lost', 'lost'],
        ['comes', 'lost', 'comes', 'lost'],
      ] as Fate[][]) {
        network.fates = [...fates];
        const before = network.silences;
        expect([fates, answer(network.run(client.read([reading(terms, name)])))]).toEqual([fates, whole]);
        expect(network.silences - before).toBe(fates.filter((fate) => fate === 'lost').length);
      }
      network.fates = Array.from({ length: 9 }, () => 'lost');
      expect(network.run(client.read([reading(terms, name)]))).toEqual([{ kind: 'fault', fault: { why: 'silent' } }]);
    }
  });

  it('gives no value of another answer, whatever is lost, comes twice, or late', () => {
    const right = new Map(NAMES.map((name) => [name, answer(read(terms, name))]));
    const fates = fc.array(fc.constantFrom<Fate>('comes', 'lost', 'twice', 'late'), { maxLength: 12 });
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom(...NAMES), fates), { maxLength: 5 }), (asked) => {
        const { client, network } = associated(terms);
        for (const [name, fate] of asked) {
          if (client.state !== 'associated') return;
          network.fates = [...fate];
          const facts = network.run(client.read([reading(terms, name)]));
          const [first] = facts;
          if (first?.kind === 'answer') expect(answer(facts)).toEqual(right.get(name));
          else if (first !== undefined) expect(first).toEqual({ kind: 'fault', fault: { why: 'silent' } });
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('a meter that is asked in datagrams', () => {
  it('never sees a counter twice, also of what is asked again', () => {
    const terms: Terms = { ...PLAIN, suite: 0 };
    const { client, network } = associated(terms);
    network.fates = ['comes', 'lost', 'comes', 'lost'];
    network.run(client.read([reading(terms, 'voltage')]));
    const counters = network.sent.map((bytes) => decodeApdu(bytes.subarray(HEADER))).flatMap((apdu) => (apdu.apdu === 'ciphered' ? [cipherHeader(apdu.text).counter] : [])); // prettier-ignore
    expect(counters).toHaveLength(3);
    expect(new Set(counters).size).toBe(3);
  });

  it('is not signed on to twice: what is lost of that is silence, and datagrams that are no wrapper are none', () => {
    const client = new DlmsClient(optionsOf(PLAIN));
    expect(client.connect()).toMatchObject([{ kind: 'send' }]);
    expect(client.receive(Buffer.from('rubbish!'))).toEqual([{ kind: 'ignored', why: 'state' }]);
    expect(client.receive(encodeWrapper({ source: 1, destination: 16, apdu: Uint8Array.of(1) }).subarray(0, 8))).toEqual([]); // prettier-ignore
    expect(client.timeout()).toEqual([{ kind: 'fault', fault: { why: 'silent' } }]);
  });

  it.each([1, 5] as const)(
    'is signed on to by mechanism %s also where one of its datagrams comes twice',
    (mechanism) => {
      const terms: Terms = { ...PLAIN, mechanism, suite: 0 };
      for (let twice = 0; twice < 4; twice++) {
        const client = new DlmsClient(optionsOf(terms));
        const network = new Network(client, meterOf(terms));
        network.fates = Array.from({ length: 4 }, (_, i) => (i === twice ? 'twice' : 'comes'));
        const facts = network.run(client.connect());
        expect([twice, facts]).toMatchObject([twice, [{ kind: 'associated' }]]);
        expect(network.run(client.read([reading(terms, 'voltage')]))).toMatchObject([{ kind: 'answer' }]);
      }
    },
  );

  it('is read also where somebody sends datagrams under other keys in its name', () => {
    const terms: Terms = { ...PLAIN, suite: 0 };
    const { client, network } = associated(terms);
    const asked = client.read([reading(terms, 'voltage')]);
    const { security } = optionsOf(terms);
    const keys = { ...security!.keys, block: Buffer.alloc(16, 9) };
    const text = seal(Uint8Array.of(0xc4), { keys, title: Buffer.from('MTR00001'), counter: 900, protection: security!.protection }); // prettier-ignore
    const apdu = wrapCiphered(0xc4, text, 'glo');
    expect(client.receive(encodeWrapper({ source: 1, destination: 16, apdu }))).toEqual([{ kind: 'ignored', why: 'state' }]); // prettier-ignore
    expect(network.run(asked)).toMatchObject([{ kind: 'answer', results: [{ data: { value: 2301 } }] }]);
  });

  it('is asked by other numbers in each association, so that a late answer to the last one is none to this', () => {
    const numbers = [1, 2].map((first) => {
      const client = new DlmsClient({ ...optionsOf(PLAIN), challenge: Buffer.alloc(8, first) });
      const network = new Network(client, meterOf(PLAIN));
      network.run(client.connect());
      network.run(client.read([reading(PLAIN, 'voltage')]));
      const asked = decodeApdu(network.sent.at(-1)!.subarray(HEADER));
      return asked.apdu === 'get-request' ? asked.invoke & 0x0f : undefined;
    });
    expect(numbers).toEqual([2, 3]);
  });

  it('has logical names: an answer by short names would not tell what it is to', () => {
    expect(() => new DlmsClient({ ...optionsOf(PLAIN), referencing: 'SN' })).toThrow(
      expect.objectContaining({ code: 'SMX_PROTOCOL_ENCODE' }),
    );
  });
});
