import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import {
  decodeIdentification,
  decodeRequest,
  encodeAcknowledgement,
  encodeRequest,
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
