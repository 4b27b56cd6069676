import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import {
  BlockFramer,
  decodeDataSets,
  decodeIdentification,
  decodeProfile,
  decodeRefusal,
  decodeRequest,
  encodeAcknowledgement,
  encodeBlock,
  encodeCommand,
  encodeRequest,
  type Message,
  type ReadCommand,
} from '@smx-edge/protocols/iec62056-21';

/** Published lines of meters with what they mean. */
const DATA = resolve(__dirname, '../../../shared/data/dlms');
const given = existsSync(join(DATA, 'README.md')) ? describe : describe.skip;

interface Entry {
  readonly id: string;
  readonly hex: string;
  readonly text: string;
  readonly expect: Readonly<Record<string, unknown>>;
}

const read = (name: string): Entry[] =>
  existsSync(join(DATA, `${name}.json`))
    ? (JSON.parse(readFileSync(join(DATA, `${name}.json`), 'utf8')) as Entry[])
    : [];
const line = ({ text }: Entry): string => text.replace(/\r\n$/, '');

given('sign-on of IEC 62056-21', () => {
  it('reads every identification as published', () => {
    const found = read('iec_signon_ident');
    expect(found).toHaveLength(9);
    for (const entry of found) {
      const identification = decodeIdentification(line(entry))!;
      const { manufacturer, speed, text, reactionTime, mode, baud, escapes } = identification;
      const told = {
        ...{ manufacturer, baud_char: speed, identification: text, reaction_time_ms: reactionTime },
        ...{ mode: mode === 'C' ? 'C/E' : mode, baud: baud ?? null },
        ...(escapes.length > 0 && { escape: `\\${escapes.join('\\')}` }),
        ...(escapes.includes('2') && { mode_e_hdlc: true }),
      };
      expect([entry.id, told]).toEqual([entry.id, entry.expect]);
    }
  });

  it('writes requests and acknowledgements byte for byte', () => {
    const [plain, addressed, readout, programming, slow] = read('iec_signon') as [Entry, Entry, Entry, Entry, Entry];
    for (const entry of [plain, addressed])
      expect(Buffer.from(encodeRequest(decodeRequest(line(entry)))).toString('hex')).toBe(entry.hex);
    const acknowledged = (speed: string, mode: 'readout' | 'programming'): string =>
      Buffer.from(encodeAcknowledgement({ protocol: '0', speed, mode })).toString('hex');
    expect(acknowledged('5', 'readout')).toBe(readout.hex);
    expect(acknowledged('5', 'programming')).toBe(programming.hex);
    expect(acknowledged('0', 'readout')).toBe(slow.hex);
  });
});

function messages(bytes: Uint8Array): Message[] {
  const found: Message[] = [];
  new BlockFramer((message) => found.push(message)).push(bytes);
  return found;
}

const bytesOf = ({ hex }: Entry): Buffer => Buffer.from(hex, 'hex');
const blocks = (entry: Entry): Extract<Message, { kind: 'block' }>[] =>
  messages(bytesOf(entry)).filter((message) => message.kind === 'block');
/** The data of the block that an entry has, whose check must be right. */
const dataOf = (entry: Entry): string => blocks(entry)[0]!.data;

given('blocks of IEC 62056-21', () => {
  it('of commands are written byte for byte, but for those that change a meter', () => {
    for (const entry of read('iec_command')) {
      const { command = '', data } = blocks(entry)[0]!;
      expect(command).toBe(entry.expect['cmd']);
      const isMeters = command === 'P0';
      if (isMeters) expect(Buffer.from(encodeBlock(data, { command })).toString('hex')).toBe(entry.hex);
      else if (command === 'W1') expect(() => encodeCommand(command as ReadCommand, data)).toThrow();
      else expect(Buffer.from(encodeCommand(command as ReadCommand, data)).toString('hex')).toBe(entry.hex);
    }
  });

  it('of errors are refusals', () => {
    for (const entry of read('iec_error')) expect(decodeRefusal(dataOf(entry))).toEqual(entry.expect);
  });

  it('of readouts give every value as published, with parity shown or not', () => {
    const lines = (data: string): unknown => decodeDataSets(data);
    for (const entry of [...read('iec_readout'), ...read('iec_readout_parity')])
      expect([entry.id, lines(dataOf(entry))]).toEqual([entry.id, entry.expect['lines']]);
  });

  it('with a wrong check, or cut, give nothing', () => {
    for (const entry of read('iec_readout_bad')) expect(blocks(entry)).toEqual([]);
  });

  it('of real meters give every value as published', () => {
    const found = read('iec_readout_real');
    expect(found).toHaveLength(8);
    for (const entry of found) {
      const [first] = messages(bytesOf(entry)).filter(({ kind }) => kind === 'block' || kind === 'telegram');
      // the source of two has wrong checks, one is cut, and others have no frame: their text is read all the same
      const data =
        first !== undefined && 'data' in first ? first.data : entry.text.replace(/^[^\u0002]*\u0002|\u0003.?$/g, '');
      expect([entry.id, decodeDataSets(data)]).toEqual([entry.id, entry.expect['lines']]);
    }
  });

  it('of load profiles give every row as published, in one block or partial ones', () => {
    for (const entry of [...read('iec_profile_p01'), ...read('iec_profile_r6')]) {
      const found = blocks(entry);
      expect(found.length).toBe(entry.expect['blocks'] ?? 1);
      const profile = decodeProfile(found.map(({ data }) => data).join(''));
      if ('fault' in profile) throw new Error(profile.fault);
      const rows = profile.flatMap(({ stamp, status, period = 0, channels, rows: under }) =>
        under.map((row, i) => ({
          time_local: new Date(stamp.local + i * period * 60_000).toISOString().slice(0, 19),
          season_flag: stamp.season === 'summer' ? '1' : '0',
          status,
          values: Object.fromEntries(channels.map(({ address, unit }, k) => [address, { value: row[k], unit }])),
        })),
      );
      expect([entry.id, rows]).toEqual([entry.id, entry.expect['rows']]);
    }
  });
});
