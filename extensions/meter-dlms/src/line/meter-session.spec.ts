import { SmxError } from '@smx-edge/model';
import { encodeName, encodeNotification, encodeWrapper, type Data } from '@smx-edge/protocols/cosem';
import { dataObject, DlmsClient, DlmsServer, type ClientTransport } from '@smx-edge/protocols/dlms';
import { faultError } from './faults.js';
import { MeterSession } from './meter-session.js';

const NAME = encodeName({ a: 0, b: 0, c: 96, d: 1, e: 0, f: 255 });
const VALUE: Data = { type: 'visible-string', value: 'LGZ1' };
const OBJECT = { classId: 1, version: 0, obis: '0-0:96.1.0' };

/** A session with a meter that can be struck dumb. */
function pair(framing: 'hdlc' | 'wrapper'): { session: MeterSession; mute(): void; sent: number[] } {
  const server = framing === 'hdlc' ? { upper: 1 } : 1;
  const transport = { framing, client: 16, server } as ClientTransport;
  const meter = new DlmsServer({
    transport: { framing, server } as ConstructorParameters<typeof DlmsServer>[0]['transport'],
    associations: new Map([
      [16, { referencing: 'LN', authentication: { mechanism: 0 }, conformance: ['get'], maxPdu: 0, objects: [dataObject({ name: NAME }, VALUE)] }], // prettier-ignore
    ]),
  });
  let isMute = false;
  const sent: number[] = [];
  const session = new MeterSession({
    client: new DlmsClient({ transport, referencing: 'LN', authentication: { mechanism: 0 } }),
    silence: 2500,
    pushed: () => undefined,
    listens: () => undefined,
    ready: () => Promise.resolve(),
    write: async (bytes) => {
      sent.push(bytes.length);
      if (!isMute) setImmediate(() => meter.receive(bytes).forEach((answer) => session.receive(answer)));
    },
  });
  return { session, sent, mute: () => (isMute = true) };
}

afterEach(() => jest.useRealTimers());

describe.each(['hdlc', 'wrapper'] as const)('a session over %s', (framing) => {
  it('ends with the word of the meter', async () => {
    const { session } = pair(framing);
    await session.associate();
    expect(await session.read([{ object: OBJECT, attribute: 2 }])).toEqual([{ data: VALUE }]);
    await session.release();
    expect(session.isOpen).toBe(false);
    await expect(session.read([{ object: OBJECT, attribute: 2 }])).rejects.toMatchObject({ code: 'SMX_METER_SILENT' });
  });

  it('ends within half a second where the meter says nothing any more, and so does what was asked', async () => {
    const { session, mute, sent } = pair(framing);
    await session.associate();
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] });
    mute();
    const asked = sent.length;
    const read = session.read([{ object: OBJECT, attribute: 2 }]).catch((error: unknown) => error);
    const queued = session.read([{ object: OBJECT, attribute: 2 }]).catch((error: unknown) => error);
    while (sent.length === asked) await new Promise(setImmediate);
    const released = session.release();
    await jest.advanceTimersByTimeAsync(500);
    await released;
    expect(await read).toMatchObject({ code: 'SMX_METER_SILENT' });
    expect(await queued).toMatchObject({ code: 'SMX_METER_SILENT' });
  });
});

describe('what was asked', () => {
  const minutes = (ms: number): number => Math.round(ms / 60_000);

  /** Asks a meter that says `said` each second in place of an answer; how long until that ends, and with what. */
  async function ends(framing: 'hdlc' | 'wrapper', said: Uint8Array): Promise<{ ms: number; code: unknown }> {
    const { session, mute, sent } = pair(framing);
    await session.associate();
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] });
    mute();
    const asked = sent.length;
    let code: unknown;
    session
      .read([{ object: OBJECT, attribute: 2 }])
      .catch((error: unknown) => (code = (error as { code: string }).code));
    while (sent.length === asked) await new Promise(setImmediate);
    let ms = 0;
    for (; code === undefined && ms < 3_600_000; ms += 1000) {
      session.receive(said);
      await jest.advanceTimersByTimeAsync(1000);
    }
    jest.useRealTimers();
    return { ms, code };
  }

  it('ends as silence while others speak on the line, or noise does', async () => {
    const neighbour = encodeWrapper({ source: 2, destination: 17, apdu: Buffer.from('c401c10009', 'hex') });
    for (const [framing, said] of [
      ['wrapper', neighbour],
      ['hdlc', Buffer.from('7e')],
      ['hdlc', Buffer.from('0055')],
    ] as const) {
      // prettier-ignore
      const { ms, code } = await ends(framing, said);
      expect([minutes(ms), code]).toEqual([1, 'SMX_METER_SILENT']);
    }
  });

  it('ends some day while the meter itself says all but an answer', async () => {
    const push = encodeNotification({ apdu: 'data-notification', invoke: 1, dateTime: new Uint8Array(0), data: VALUE });
    const { ms, code } = await ends('wrapper', encodeWrapper({ source: 1, destination: 16, apdu: push }));
    expect([minutes(ms), code]).toEqual([15, 'SMX_METER_SILENT']);
  });

  it('ends alone where an answer has more blocks than there are counters', async () => {
    const keys = { suite: 0, block: Buffer.alloc(16, 1), authentication: Buffer.alloc(16, 2) } as const;
    const protection = { authenticated: true, encrypted: true };
    let [left, at] = [4, 1];
    const long: Data = { type: 'visible-string', value: 'LGZ1'.repeat(200) };
    const meter = new DlmsServer({
      transport: { framing: 'wrapper', server: 1 },
      associations: new Map([
        [16, { referencing: 'LN', authentication: { mechanism: 0 }, conformance: ['get', 'block-transfer-get-read'], maxPdu: 0, objects: [dataObject({ name: NAME }, long)], title: Buffer.from('MTR00001'), security: { keys, protection, counter: { next: () => at++ } } }], // prettier-ignore
      ]),
    });
    const counter = {
      next: () => {
        if (left-- > 0) return at++;
        throw new SmxError('SMX_PROTOCOL_ENCODE', 'no counter is left');
      },
    };
    const session: MeterSession = new MeterSession({
      client: new DlmsClient({ transport: { framing: 'wrapper', client: 16, server: 1 }, referencing: 'LN', authentication: { mechanism: 0 }, maxPdu: 100, title: Buffer.from('SMX00001'), security: { keys, protection, counter } }), // prettier-ignore
      silence: 2500,
      pushed: () => undefined,
      listens: () => undefined,
      ready: () => Promise.resolve(),
      write: async (bytes) =>
        void setImmediate(() => meter.receive(bytes).forEach((answer) => session.receive(answer))),
    });
    await session.associate();
    const code = 'SMX_PROTOCOL_ENCODE';
    await expect(session.read([{ object: OBJECT, attribute: 2 }])).rejects.toMatchObject({ code });
    expect(session.isOpen).toBe(false);
  });
});

it('a meter that wants a proof this reader does not have is refused for good, and the error names it', () => {
  const rejected = { why: 'rejected', permanent: true, source: 'user', diagnostic: 11 } as const;
  const text = (mechanism: number): string => faultError({ ...rejected, mechanism }).message;
  expect(faultError({ ...rejected, mechanism: 7 }).code).toBe('SMX_METER_REFUSED');
  expect(text(7)).toContain('mechanism 7 (ECDSA), which this reader does not have');
  expect(text(5)).toContain('auth: gmac');
});
