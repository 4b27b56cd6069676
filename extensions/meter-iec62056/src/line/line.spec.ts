import type { Line, LineState } from '@smx-edge/extension-api';
import { encodeBlock, encodeIdentification, IecClient, withEvenParity } from '@smx-edge/protocols/iec62056-21';
import { PROFILES } from '../profile/profiles.js';
import { settingsOf } from '../settings.js';
import { Conversation } from './conversation.js';
import { IecLine } from './iec-line.js';

const ident = (escapes: string[] = []): Uint8Array =>
  withEvenParity(encodeIdentification({ manufacturer: 'LGz', speed: '5', escapes, text: 'ZMD' }));

/** A line on which a meter says what it is given to say, each time after something was sent. */
function conversation(says: readonly Uint8Array[], mode: 'readout' | 'programming' = 'readout') {
  const speeds: (number | undefined)[] = [];
  const left = [...says];
  const own: Conversation = new Conversation({
    client: new IecClient({ mode, baudDelay: 1 }),
    ...{ hasSpeed: true, silence: 30, met: () => undefined },
    line: {
      write: async () => {
        const next = left.shift();
        if (next !== undefined) setImmediate(() => own.receive(next));
      },
      drain: async () => undefined,
      configure: async ({ baud }) => void speeds.push(baud),
    },
  });
  return { own, speeds };
}

describe('a conversation', () => {
  it('begins at 300 baud, goes on as fast as the meter offers, and gives the readout with what proves it', async () => {
    const { own, speeds } = conversation([ident(), withEvenParity(encodeBlock('1.8.0(1*kWh)\r\n!\r\n'))]);
    expect(await own.open()).toMatchObject({ text: '1.8.0(1*kWh)\r\n!\r\n', proof: 'check' });
    expect(speeds).toEqual([300, 9600]);
  });

  it.each([
    ['nobody', [], 'SMX_METER_SILENT', /does not answer/],
    ['a meter that stops there', [ident(), ident(), ident(), ident()], 'SMX_METER_SILENT', /baud-delay/],
    ['one that wants HDLC', [ident(['2']), ident(['2'])], 'SMX_METER_MODE', /meter-dlms/],
  ] as const)('with %s ends in a state that says what to do', async (_, says, code, text) => {
    const { own } = conversation(says);
    await expect(own.open()).rejects.toMatchObject({ code, message: expect.stringMatching(text) as string });
  });

  it('with a meter that reads out instead of asking for a password says so', async () => {
    const readout = withEvenParity(encodeBlock('1.8.0(1)\r\n!\r\n'));
    const { own } = conversation([ident(), readout, ident(), readout], 'programming');
    await expect(own.open()).rejects.toMatchObject({ code: 'SMX_METER_MODE' });
    expect(own.isOpen).toBe(false);
  });
});

describe('a line', () => {
  const settings = settingsOf({ source: 'serial:/dev/ttyUSB0', share: { for: '1s', pause: '3s' } }, 'UTC');
  let opened = 0;
  const lineOf = (state: Partial<LineState>, now: () => number): IecLine => {
    opened = 0;
    const line = { state, onGap: () => ({ dispose: () => undefined }), close: async () => undefined, [Symbol.asyncIterator]: () => ({ next: async () => ({ done: true, value: undefined }) }) }; // prettier-ignore
    return new IecLine({ isShared: false, settings: settings.line, share: settings.share, open: () => { opened++; return line as unknown as Line; }, now }); // prettier-ignore
  };
  const ask = (line: IecLine): Promise<unknown> => line.converse(settings.meters[0]!, { family: PROFILES['generic']!, mode: 'readout' }); // prettier-ignore

  it('that another holds is told to be held, once it has been waited for as long as a slice', async () => {
    const line = lineOf({ status: 'connecting', reason: 'busy', text: 'in use by another' }, () => 0);
    await expect(ask(line)).rejects.toMatchObject({ code: 'SMX_TRANSPORT_BUSY', message: 'in use by another' });
    expect(opened).toBeGreaterThan(2);
  });

  it('that others use is held no longer than its slice, and then left to them for a while', async () => {
    let now = 1000;
    const line = lineOf({ status: 'no-bytes' }, () => now);
    expect(line.left()).toBe(1000);
    await ask(line).catch(() => undefined);
    now += 400;
    expect(line.left()).toBe(600);
    await line.turned();
    expect(line.left()).toBe(0);
    now += 3000;
    expect(line.left()).toBe(1000);
  });
});

describe('settings', () => {
  it.each([
    [{ baud: 'any' }, 'baud'],
    [{ mode: 'D', others: { sub: { address: '1' } } }, 'others'],
    [{ others: { sub: { address: '1' } } }, 'address'],
    [{ mode: 'D', readout: '0s' }, 'readout'],
    [{ address: '1', others: { pcc: { address: '2' } } }, 'others.pcc'],
    [{ address: '1', others: { a: { address: '2' }, b: { address: '2' } } }, 'others.b.address'],
    [{ profile: 'turkish', profiles: ['P.01'] }, 'channels'],
    [{ timezone: 'Europe/Bolzano' }, 'timezone'],
  ] as const)('%j say what is missing before a meter is asked anything', (given, path) => {
    const config = { source: 'serial:/dev/ttyUSB0', ...given };
    expect(() => settingsOf(config, 'UTC')).toThrow(expect.objectContaining({ code: 'SMX_CONFIG_INVALID', details: [expect.objectContaining({ path })] })); // prettier-ignore
  });

  it('of a bridge keep to 300 baud, of a further meter hold what is said of the first but for who it is', () => {
    const config = { source: 'tcp://127.0.0.1:1', address: '1', serial: '11', password: 'a', others: { sub: { address: '2' } } }; // prettier-ignore
    const { line, meters } = settingsOf(config, 'UTC');
    expect(line).toMatchObject({ hasSpeed: false, fixedBaud: 300 });
    expect(meters[1]).toMatchObject({ device: 'sub', address: '2', password: { command: 'P1', text: 'a' } });
    expect(meters[1]!.serial).toBeUndefined();
  });
});
