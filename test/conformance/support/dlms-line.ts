import { encodeDateTime, type Ciphering, type Data, type Mechanism } from '@smx-edge/protocols/cosem';
import {
  clockObject,
  DlmsServer,
  profileObject,
  registerObject,
  type Authentication,
  type ClientStep,
  type DlmsClient,
  type DlmsClientOptions,
  type MeterAssociation,
  type MeterObject,
  type Reading,
  type Selector,
} from '@smx-edge/protocols/dlms';

/** How a client and a meter of the specs speak. */
export interface Terms {
  readonly framing: 'hdlc' | 'wrapper';
  readonly referencing: 'LN' | 'SN';
  readonly mechanism: Mechanism;
  readonly suite?: 0 | 1 | 2;
  readonly ciphering?: Ciphering;
  /** Default none: one APDU, as Landis+Gyr sends. */
  readonly blocks?: 'none' | 'get' | 'general';
  /** The meter takes no lists. */
  readonly noLists?: boolean;
  readonly clientCounter?: number;
  /** The meter answers as those of Landis+Gyr. */
  readonly echoesTag?: boolean;
  /** Default 96. */
  readonly rows?: number;
}

export const FRAMINGS = ['hdlc', 'wrapper'] as const;
export const PASSWORD = Buffer.from('a good password!');
const CLIENT_TITLE = Buffer.from('SMX00001');
const METER_TITLE = Buffer.from('MTR00001');
export const START = Date.UTC(2026, 9, 24, 22);
export const PERIOD = 900;

const NAMES = {
  voltage: { classId: 3, name: Uint8Array.of(1, 0, 32, 7, 0, 255), base: 0x1000 },
  clock: { classId: 8, name: Uint8Array.of(0, 0, 1, 0, 0, 255), base: 0x2bc0 },
  profile: { classId: 7, name: Uint8Array.of(1, 0, 99, 1, 0, 255), base: 0x6270 },
} as const;

export const COLUMNS = [
  { classId: 8, name: NAMES.clock.name, attribute: 2 },
  { classId: 1, name: Uint8Array.of(0, 0, 96, 10, 7, 255), attribute: 2 },
  { classId: 3, name: Uint8Array.of(1, 0, 1, 8, 0, 255), attribute: 2 },
];

/** A row each quarter of an hour over the night on which clocks go back. */
export function rowsOf(count: number): Data[][] {
  const back = Date.UTC(2026, 9, 25, 1);
  return Array.from({ length: count }, (_, i) => {
    const t = START + i * PERIOD * 1000;
    const isSummer = t < back;
    const time = encodeDateTime(t, { deviation: isSummer ? -180 : -120, dst: isSummer });
    return [
      { type: 'octet-string', value: time },
      { type: 'unsigned', value: 0 },
      { type: 'double-long-unsigned', value: 1_000_000 + 3 * i },
    ];
  });
}

function objects(rows: number): MeterObject[] {
  const at = ({ name, base }: { name: Uint8Array; base: number }) => ({ name, baseName: base });
  const time = (): Data => ({ type: 'octet-string', value: encodeDateTime(START, { deviation: -180, dst: true }) });
  const none: Data = { type: 'null-data' };
  return [
    registerObject(at(NAMES.voltage), { value: { type: 'long-unsigned', value: 2301 }, scaler: -1, unit: 35 }),
    clockObject(at(NAMES.clock), { time, zone: -120, status: none, dstBegin: none, dstEnd: none, dstDeviation: 60 }),
    profileObject(at(NAMES.profile), {
      ...{ columns: COLUMNS, period: PERIOD, capacity: 5000, compressed: true },
      rows: () => rowsOf(rows),
    }),
  ];
}

const authentication = (mechanism: Mechanism): Authentication =>
  (mechanism === 1 ? { mechanism, password: PASSWORD } : { mechanism, secret: PASSWORD }) as Authentication;

const keysOf = (suite: 0 | 1 | 2) => ({
  suite,
  block: Buffer.alloc(suite === 2 ? 32 : 16, 1),
  authentication: Buffer.alloc(suite === 2 ? 32 : 16, 2),
});

const counter = (): { next(): number } => {
  let at = 1;
  return { next: () => at++ };
};

function protection(suite: Terms['suite']) {
  return { authenticated: suite !== undefined, encrypted: suite !== undefined };
}

export function settingsOf({
  framing,
  referencing,
  mechanism,
  suite,
  ciphering,
  blocks = 'none',
}: Terms): DlmsClientOptions {
  const limits = { infoTransmit: 128, infoReceive: 128, windowTransmit: 1, windowReceive: 1 };
  return {
    transport:
      framing === 'hdlc' ? { framing, client: 16, server: { upper: 1 }, limits } : { framing, client: 16, server: 1 },
    ...{ referencing, authentication: authentication(mechanism) },
    ...{ title: CLIENT_TITLE, challenge: Buffer.from('client challenge'), maxPdu: blocks === 'none' ? 0xffff : 200 },
    security: {
      ...{ keys: keysOf(suite ?? 0), protection: protection(suite), counter: counter() },
      ...(ciphering === undefined ? {} : { ciphering }),
      ...(ciphering?.endsWith('ded') ? { dedicatedKey: keysOf(suite ?? 0).block.map((byte) => byte + 5) } : {}),
    },
  };
}

export function meterOf(terms: Terms): DlmsServer {
  const { framing, referencing, mechanism, suite, blocks = 'none', clientCounter, noLists = false, rows = 96, echoesTag = false } = terms; // prettier-ignore
  const limits = { infoTransmit: 62, infoReceive: 62, windowTransmit: 1, windowReceive: 1 };
  const association: MeterAssociation = {
    ...{ referencing, authentication: authentication(mechanism), title: METER_TITLE },
    security: {
      ...{ keys: keysOf(suite ?? 0), protection: protection(suite), counter: counter() },
      ...(clientCounter === undefined ? {} : { clientCounter }),
    },
    challenge: () => Buffer.from('a challenge of the meter'),
    conformance: [
      ...(['get', 'read', 'selective-access', 'parameterized-access', 'action'] as const),
      ...(noLists ? [] : (['multiple-references'] as const)),
      ...(blocks === 'get' ? (['block-transfer-get-read'] as const) : []),
      ...(blocks === 'general' ? (['general-block-transfer'] as const) : []),
    ],
    ...{ maxPdu: 300, objects: objects(rows), echoesTag },
  };
  return new DlmsServer({
    transport: framing === 'hdlc' ? { framing, server: { upper: 1 }, limits } : { framing, server: 1 },
    associations: new Map([[16, association]]),
  });
}

/** An object of that meter by the names that are agreed. */
export function reading({ referencing }: Terms, of: keyof typeof NAMES, selector?: Selector): Reading {
  const { classId, name, base } = NAMES[of];
  const which = selector === undefined ? {} : { selector };
  return referencing === 'LN' ? { classId, name, attribute: 2, ...which } : { shortName: base + 8, ...which };
}

export interface Line {
  /** Bytes of the client. */
  readonly sent: Uint8Array[];
  /** Bytes that went over, both ways. */
  readonly passed: number;
  /** Puts what the client sends on the line until nothing more is to be said; silence is told to the client. */
  run(steps: readonly ClientStep[]): ClientStep[];
}

export interface Trouble {
  /** Bytes in one piece. */
  readonly piece?: number;
  /** Bytes after which the line is dead, counted over both ways. */
  readonly cut?: number;
  /** One byte of the meter that comes changed. */
  readonly change?: { readonly position: number; readonly mask: number };
}

/** A line between a client and a meter, as good as it is told to be. */
export function dialogue(
  client: DlmsClient,
  meter: DlmsServer,
  { piece = Infinity, cut = Infinity, change }: Trouble = {},
): Line {
  const sent: Uint8Array[] = [];
  let [passed, said] = [0, 0];
  const over = (bytes: Uint8Array): Uint8Array[] => {
    const left = bytes.subarray(0, Math.max(0, cut - passed));
    passed += left.length;
    const pieces: Uint8Array[] = [];
    for (let at = 0; at < left.length; at += piece) pieces.push(left.subarray(at, at + piece));
    return pieces;
  };
  const changed = (bytes: Uint8Array): Uint8Array => {
    const copy = Uint8Array.from(bytes);
    const at = (change?.position ?? -1) - said;
    said += bytes.length;
    if (change !== undefined && at >= 0 && at < copy.length) copy[at]! ^= change.mask;
    return copy;
  };
  const toMeter = (bytes: Uint8Array): ClientStep[] => {
    sent.push(bytes);
    const answers = over(bytes).flatMap((part) => meter.receive(part));
    return answers.flatMap((answer) => over(changed(answer)).flatMap((part) => client.receive(part)));
  };
  const settle = (steps: readonly ClientStep[]): ClientStep[] => {
    const facts: ClientStep[] = [];
    let todo = [...steps];
    while (todo.length > 0) {
      facts.push(...todo.filter(({ kind }) => kind !== 'send' && kind !== 'ignored'));
      todo = todo.flatMap((step) => (step.kind === 'send' ? toMeter(step.bytes) : []));
    }
    return facts;
  };
  return {
    sent,
    get passed() {
      return passed;
    },
    run(steps) {
      const facts = settle(steps);
      for (let silence = 0; facts.length === 0 && silence < 20; silence++) facts.push(...settle(client.timeout()));
      return facts;
    },
  };
}
