import fc from 'fast-check';
import { BlockFramer, type Message } from './block-framer.js';
import { encodeBlock, encodeCommand } from './command.js';
import { withEvenParity } from './parity.js';

function read(bytes: Uint8Array, sizes: readonly number[] = [bytes.length || 1]): Message[] {
  const found: Message[] = [];
  const framer = new BlockFramer((message) => found.push(message));
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length]!;
    framer.push(bytes.subarray(at, at + size));
    at += size;
  }
  return found;
}

const text = (line: string): Uint8Array => Buffer.from(line, 'latin1');
const printable = fc.string({ unit: fc.constantFrom(...Array.from('0123456789.*()kWh-:\r\nPF')), maxLength: 60 });
const sizes = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 5 });

describe('BlockFramer', () => {
  it('gives blocks back as they were made, in whatever pieces, with parity or without', () => {
    const block = fc.record({ data: printable, isLast: fc.boolean(), command: fc.constantFrom(undefined, 'P0', 'R5') });
    fc.assert(
      fc.property(fc.array(block, { maxLength: 5 }), sizes, fc.boolean(), (blocks, pieces, hasParity) => {
        const plain = Buffer.concat(
          blocks.map(({ data, isLast, command }) =>
            encodeBlock(data, { isLast, ...(command === undefined ? {} : { command }) }),
          ),
        );
        const found = read(hasParity ? withEvenParity(plain) : plain, pieces);
        expect(found).toEqual(
          blocks.map(({ data, isLast, command }) => ({
            ...{ kind: 'block', data, isLast },
            ...(command === undefined ? {} : { command }),
          })),
        );
      }),
    );
  });

  it('gives nothing of a block of which one character is another', () => {
    const data = '1.8.0(000102.28*kWh)\r\n2.8.0(000001.00*kWh)\r\n';
    const block = encodeBlock(data);
    for (let at = 1; at < block.length; at++)
      for (let bit = 0; bit < 7; bit++) {
        const wrong = Uint8Array.from(block);
        wrong[at]! ^= 1 << bit;
        // a character that became another frame character ends or begins a block, whose check is wrong too
        expect(read(wrong).filter((message) => message.kind === 'block' && message.data !== data)).toEqual([]);
      }
    expect(read(encodeBlock(data))).toHaveLength(1);
  });

  it.each([
    ['alone', '', ''],
    ['before a readout', '', '1.8.0(5*kWh)\r\n!\r\n'],
    ['behind a telegram that was cut', '/KAM5MC\r\n1.8.0(4', '\r\n1.8.0(5*kWh)\r\n!\r\n'],
    ['in a frame that noise began', '\u0002xx\r\n', '\r\n1.8.0(5*kWh)\r\n!\r\n'],
  ])('takes no identification %s of which one bit is another, where the line shows parity', (_, before, behind) => {
    const line = '/LGZ5ZMD3104100';
    const bytes = withEvenParity(text(`${before}${line}\r\n${behind}`));
    const whole = read(bytes).filter(({ kind }) => kind === 'identification').length;
    for (let at = before.length; at < before.length + line.length; at++)
      for (let bit = 0; bit < 8; bit++) {
        const wrong = Uint8Array.from(bytes);
        wrong[at]! ^= 1 << bit;
        const found = read(wrong);
        expect(found.filter(({ kind }) => kind === 'identification')).toHaveLength(whole - 1);
        expect(found.filter(({ kind }) => kind === 'telegram')).toEqual([]);
      }
    expect(whole).toBeGreaterThan(0);
  });

  it('gives nothing of a block whose check is right and whose parity is not, where the line shows it', () => {
    const data = '1.8.0(000102.28*kWh)\r\n';
    const block = encodeBlock(data);
    for (let bit = 0; bit < 7; bit++) {
      const wrong = Uint8Array.from(block);
      // the same bit of two characters
      for (const at of [7, 9]) wrong[at]! ^= 1 << bit;
      const shown = withEvenParity(block).map((byte, i) => byte ^ (block[i]! ^ wrong[i]!));
      expect(read(wrong)).toMatchObject([{ kind: 'block' }]);
      expect(read(shown)).toEqual([{ kind: 'damaged', why: 'check' }]);
    }
  });

  it('tells acknowledgements, refusals and the end of the conversation', () => {
    const bytes = Buffer.concat([Uint8Array.of(0x06, 0x15), encodeCommand('B0')]);
    expect(read(bytes)).toEqual([
      { kind: 'ack' },
      { kind: 'nak' },
      { kind: 'block', command: 'B0', data: '', isLast: true },
    ]);
  });

  it('reads telegrams without a frame, one after the other, and begins anew where one is cut', () => {
    const whole = '/EMH5----eHZ\r\n\r\n1-0:1.8.1*255(032942.0231)\r\n!\r\n';
    const found = read(text(`1.8.0(9)\r\n!\r\n${whole}${whole.slice(0, 40)}${whole}`), [3]);
    const telegrams = found.filter(({ kind }) => kind === 'telegram');
    expect(telegrams).toHaveLength(2);
    for (const telegram of telegrams)
      expect(telegram).toMatchObject({
        identification: { manufacturer: 'EMH', text: '----eHZ' },
        data: '\n\r\n1-0:1.8.1*255(032942.0231)\r\n',
      });
  });

  it('gives no telegram without a frame of which one bit is another, where the line shows parity', () => {
    const telegram = withEvenParity(text('/KAM MC\r\n\r\n1-0:1.8.1*255(032942.0231*kWh)\r\n!\r\n'));
    const [, sound] = read(telegram);
    expect(sound).toMatchObject({
      kind: 'telegram',
      proof: 'parity',
      data: '\n\r\n1-0:1.8.1*255(032942.0231*kWh)\r\n',
    });
    // the line's end behind the end is of no telegram
    for (let at = 9; at < telegram.length - 1; at++)
      for (let bit = 0; bit < 8; bit++) {
        const wrong = Uint8Array.from(telegram);
        wrong[at]! ^= 1 << bit;
        expect(read(wrong).filter(({ kind }) => kind === 'telegram')).toEqual([]);
      }
    const stripped = telegram.map((byte) => byte & 0x7f);
    expect(read(stripped)[1]).toMatchObject({ kind: 'telegram', proof: 'none' });
  });

  it.each([
    ['a block', [0x02]],
    ['a telegram', Array.from(text('/KAM MC\r\n'))],
  ])('ends %s that goes on as noise of any one character, long before it would be too long', (_, begin) => {
    for (const noise of [0x00, 0x55, 0xff]) {
      const found: Message[] = [];
      const framer = new BlockFramer((message) => found.push(message));
      framer.push(Uint8Array.from(begin));
      expect(framer.isInAnswer).toBe(true);
      framer.push(new Uint8Array(5000).fill(noise));
      expect(found.at(-1)).toEqual({ kind: 'damaged', why: 'check' });
      expect(framer.isInAnswer).toBe(false);
      framer.push(encodeBlock('1.8.0(5)'));
      expect(found.at(-1)).toEqual({ kind: 'block', data: '1.8.0(5)', isLast: true });
    }
  });

  it('lets go of what is longer than is taken, and goes on behind it', () => {
    const found: Message[] = [];
    const framer = new BlockFramer((message) => found.push(message), { longest: 50 });
    framer.push(Buffer.concat([encodeBlock('x'.repeat(80)), encodeBlock('1.8.0(5)')]));
    expect(found).toEqual([
      { kind: 'damaged', why: 'long' },
      { kind: 'block', data: '1.8.0(5)', isLast: true },
    ]);
  });

  it('finds telegrams without a frame behind noise that looks like the beginning of one', () => {
    const telegram = text('/EMH5----eHZ\r\n\r\n1-0:1.8.1*255(032942.0231)\r\n!\r\n');
    const found = (longest: number): Message[] => {
      const messages: Message[] = [];
      const framer = new BlockFramer((message) => messages.push(message), { longest });
      framer.push(Buffer.concat([Uint8Array.of(0x02), telegram, Uint8Array.of(0x02), text('('.repeat(90)), telegram]));
      return messages.filter(({ kind }) => kind === 'telegram');
    };
    expect(found(2 ** 20)).toHaveLength(1);
    // also where what the noise began has become too long
    expect(found(60)).toHaveLength(2);
  });

  it('says at once that a block is too long, as it may have no end', () => {
    const found: Message[] = [];
    const framer = new BlockFramer((message) => found.push(message), { longest: 50 });
    framer.push(encodeBlock('x'.repeat(80)).subarray(0, 60));
    expect(found).toEqual([{ kind: 'damaged', why: 'long' }]);
  });

  it('gets through a telegram that has nothing but line ends, and none of its own', () => {
    const found: Message[] = [];
    const framer = new BlockFramer((message) => found.push(message));
    framer.push(text('/KAM MC\r\n1/2\r\n'));
    // a look at all that came, at each line's end, would take minutes
    framer.push(new Uint8Array(2 ** 20).fill(0x0a));
    expect(found.at(-1)).toEqual({ kind: 'damaged', why: 'long' });
  });

  it('takes any bytes without harm', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 80 }), { maxLength: 10 }), (chunks) => {
        const bytes = Buffer.concat(chunks);
        // what it finds does not depend on the pieces
        expect(read(bytes, [1])).toEqual(read(bytes));
      }),
      { numRuns: 300 },
    );
  });
});

describe('encodeCommand', () => {
  it('has no word that changes a meter', () => {
    for (const command of ['W1', 'W2', 'W5', 'E2', 'P3', 'R3', ''])
      expect(() => encodeCommand(command as 'R1', '1.8.0()')).toThrow(
        expect.objectContaining({ code: 'SMX_PROTOCOL_ENCODE' }),
      );
  });

  it('lets nothing into a command that would end it', () => {
    for (const data of ['1.8.0', '1.8.0()\u0003', '1.8.0()(W1', 'a(b)c', '(\u00001)', '1.8.0()\u0001W1\u0002'])
      expect(() => encodeCommand('R1', data)).toThrow(expect.objectContaining({ code: 'SMX_PROTOCOL_ENCODE' }));
    expect(() => encodeCommand('B0', '()')).toThrow();
  });
});
