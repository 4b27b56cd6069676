import { setTimeout as pause } from 'node:timers/promises';
import { openLine } from '@smx-edge/extension-api/transports';
import type { PasswordTries } from '@smx-edge/extension-api/metering';
import { isSmxError, silentLog, systemClock, VirtualClock } from '@smx-edge/model';
import { encodeIdentification, IecClient, withEvenParity, type ServerOptions } from '@smx-edge/protocols/iec62056-21';
import { TestMeter, type TestMeterOptions } from '../../test-support/test-meter.js';
import { PROFILES } from '../profile/profiles.js';
import { settingsOf, type IecConfig } from '../settings.js';
import { Conversation } from './conversation.js';
import { IecLine } from './iec-line.js';

/** What goes wrong on lines of real sockets, down to each byte. */
const READOUT = '0.0.0(53078125)\r\n1.8.0(000102.28*kWh)\r\n!\r\n';
const ROWS = 'P.01(0260110000000)(00)(15)(1)(1.5)(kW)\r\n(0.1865)\r\n(0.1866)\r\n';
const METER: Partial<ServerOptions> = {
  identification: { manufacturer: 'LGz', speed: '5', escapes: [], text: 'ZMD3104100' },
  readout: () => READOUT,
  isPassword: (_, text) => text === '12345678',
  answer: (_, data) => (data.startsWith('P.01') ? [ROWS.slice(0, 48), ROWS.slice(48)] : ['1.8.0(000102.28*kWh)\r\n']),
};
const family = { ...PROFILES['landis-gyr-zmd']!, silence: 1500, baudDelay: 1 };
const meters: TestMeter[] = [];
const lines: IecLine[] = [];

async function lineTo(
  options: TestMeterOptions,
  config: Partial<IecConfig> = {},
): Promise<{ line: IecLine; meter: TestMeter; settings: ReturnType<typeof settingsOf> }> {
  const meter = new TestMeter(options);
  meters.push(meter);
  const source = await meter.open();
  const settings = settingsOf({ source, baud: 'any', ...config }, 'UTC');
  const line = new IecLine({
    ...{ settings: settings.line, isShared: settings.meters.length > 1, now: Date.now },
    open: () => openLine(source, { log: silentLog, clock: systemClock, idle: 0 }),
  });
  lines.push(line);
  return { line, meter, settings };
}

afterEach(async () => {
  await Promise.all(lines.splice(0).map((line) => line.close()));
  await Promise.all(meters.splice(0).map((meter) => meter.close()));
});

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

type Exchange = (line: IecLine) => Promise<readonly string[]>;

const readOut: Exchange = async (line) => {
  const [meter] = settingsOf({ source: 'tcp://127.0.0.1:1', baud: 'any' }, 'UTC').meters;
  const { answer } = await line.converse(meter!, { family, mode: 'readout' });
  return [answer!.text];
};

const readRegisters: Exchange = async (line) => {
  const [meter] = settingsOf({ source: 'tcp://127.0.0.1:1', baud: 'any', password: '12345678' }, 'UTC').meters;
  const { conversation } = await line.converse(meter!, { family, mode: 'programming' });
  const register = await conversation.read('R5', '1.8.0()');
  const rows = await conversation.read('R6', 'P.01(0260110000000;0260110003000)');
  return [register.text, rows.text];
};

describe.each([
  ['a readout', readOut, [READOUT]],
  ['programming mode', readRegisters, ['1.8.0(000102.28*kWh)\r\n', ROWS]],
] as const)('%s', (_, exchange, expected) => {
  /** A line that is cut behind so many bytes of the meter; gives what came, and what came once it held. */
  async function cutBehind(count: number): Promise<{ first: unknown; then: readonly string[] }> {
    let left = count;
    let isCut = false;
    const spoil = (bytes: Uint8Array): Uint8Array => {
      if (isCut || bytes.length <= left) {
        left -= bytes.length;
        return bytes;
      }
      isCut = true;
      setImmediate(() => meter.cut());
      return bytes.subarray(0, left);
    };
    const { line, meter } = await lineTo({ ...METER, spoil });
    const first: unknown = await exchange(line).catch((error: unknown) => error);
    for (let tries = 0; ; tries++) {
      try {
        return { first, then: await exchange(line) };
      } catch (error) {
        // until the line is there again
        if (!isSmxError(error) || tries > 500) throw error;
        await pause(20);
      }
    }
  }

  it('that is cut behind any byte gives nothing but a coded fault, and all of it once the line holds', async () => {
    let sent = 0;
    const { line } = await lineTo({ ...METER, spoil: (bytes) => ((sent += bytes.length), bytes) });
    expect(await exchange(line)).toEqual(expected);
    const length = sent;
    expect(length).toBeGreaterThan(60);
    const all = await Promise.all(Array.from({ length }, (__, count) => cutBehind(count)));
    for (const { first, then } of all) {
      expect(first).toMatchObject({
        code: expect.stringMatching(/^SMX_(METER_SILENT|PROTOCOL_BLOCK|TRANSPORT_CONNECT)$/) as string,
      });
      expect(then).toEqual(expected);
    }
  });
});

describe('a line of several meters', () => {
  it('takes what one says late for nothing of the next', async () => {
    const own = (address: string): Partial<ServerOptions> => ({
      ...METER,
      address,
      readout: () => `0.0.0(${address})\r\n!\r\n`,
    });
    let isLate = true;
    const late: Uint8Array[] = [];
    const { line, meter, settings } = await lineTo(
      {
        ...own('11'),
        beside: [own('12')],
        // a bridge that holds back what the meter under 11 says, until somebody connects again
        spoil: (bytes) => {
          if (!isLate) return bytes;
          late.push(bytes);
          return bytes.subarray(0, 0);
        },
      },
      { address: '11', others: { tenant: { address: '12' } } },
    );
    const [first, second] = settings.meters;
    const quick = { family: { ...family, silence: 50 }, mode: 'readout' } as const;
    await expect(line.converse(first!, quick)).rejects.toMatchObject({ code: 'SMX_METER_SILENT' });
    isLate = false;
    const reading = line.converse(second!, { family, mode: 'readout' });
    while (meter.opened < 2) await pause(5);
    meter.push(late[0]!);
    expect((await reading).answer?.text).toContain('0.0.0(12)');
    expect(meter.asked.at(-1)).not.toContain('/?11!');
  });
});

describe('noise', () => {
  it.each([
    ['trickles in', 1],
    ['comes as fast as a line carries', 960],
  ])('that %s without end does not hold a line for minutes', async (_, count) => {
    const clock = new VirtualClock();
    const conversation = new Conversation({
      client: new IecClient({ mode: 'readout', baudDelay: 1 }),
      ...{ clock, hasSpeed: true, silence: 1500, met: () => undefined },
      line: { write: async () => undefined, drain: async () => undefined, configure: async () => undefined },
    });
    /** Second by second, with what is to be done in each. */
    const second = async (): Promise<void> => {
      await settled();
      clock.advance(1000);
      await settled();
    };
    let fault: unknown;
    void conversation.open().catch((error: unknown) => (fault = error));
    await settled();
    conversation.receive(withEvenParity(encodeIdentification(METER.identification!)));
    await second();
    conversation.receive(Uint8Array.of(0x02));
    while (fault === undefined) {
      conversation.receive(new Uint8Array(count).fill(0x41));
      await second();
    }
    expect(fault).toMatchObject({ code: 'SMX_METER_SILENT' });
    expect(clock.monotonic()).toBeLessThan(60_000);
  });
});

describe('a password', () => {
  const secret = (tries: Partial<PasswordTries>): Parameters<IecLine['converse']>[1] => ({
    ...{ family: { ...family, silence: 50 }, mode: 'programming' },
    tries: tries as PasswordTries,
  });

  it.each([
    ['by silence', (bytes: Uint8Array) => bytes.subarray(0, 0)],
    ['by a damaged block', () => Uint8Array.of(0x02, 0x28, 0x03, 0x77)],
    ['by the end of the line', undefined],
  ])('that is answered %s is counted', async (_, answer) => {
    const told: string[] = [];
    const { line, meter, settings } = await lineTo(
      {
        ...METER,
        spoil: (bytes) => {
          if (!meter.asked.at(-1)!.startsWith('\u0001P1')) return bytes;
          if (answer === undefined) setImmediate(() => meter.cut());
          return answer?.(bytes) ?? bytes.subarray(0, 0);
        },
      },
      { password: '12345678' },
    );
    const tries = {
      begin: async () => void told.push('given'),
      proved: async () => void told.push('proved'),
      unanswered: async () => void told.push('unanswered'),
    };
    await expect(line.converse(settings.meters[0]!, secret(tries))).rejects.toMatchObject({
      code: expect.stringContaining('SMX_') as string,
    });
    await line.leave();
    expect(told).toEqual(['given', 'unanswered']);
    expect(meter.asked.filter((text) => text.includes('P1'))).toHaveLength(1);
  });
});
