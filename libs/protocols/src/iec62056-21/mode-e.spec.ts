import * as fc from 'fast-check';
import { decodeIdentification, encodeIdentification } from './identification.js';
import { ModeESignOn, type SignOnStep } from './mode-e.js';
import { decodeRequest, encodeRequest } from './opening.js';
import { oddOnes, withEvenParity, withoutParity } from './parity.js';

const text = (bytes: Uint8Array): string => Buffer.from(withoutParity(bytes)).toString('latin1');
const wire = (line: string): Uint8Array => withEvenParity(Buffer.from(line, 'latin1'));
const ZMG = '/LGZ5\\2ZMG410000b.P07\r\n';
const told = (steps: SignOnStep[]): unknown[] =>
  steps.map((step) => (step.kind === 'send' ? ['send', text(step.bytes)] : Object.values(step).slice(0, 2)));

describe('sign-on of mode E', () => {
  it('asks at 300 baud, acknowledges HDLC at the speed of the meter, waits, switches', () => {
    const signOn = new ModeESignOn({ baudDelay: 350 });
    expect(signOn.firstBaud).toBe(300);
    expect(text(signOn.start())).toBe('/?!\r\n');
    expect(told(signOn.receive(wire(ZMG)))).toEqual([
      ['wait', 200],
      ['send', '\u0006252\r\n'],
      ['wait', 350],
      ['speed', 9600],
      ['ready', expect.objectContaining({ manufacturer: 'LGZ', text: 'ZMG410000b.P07' })],
    ]);
  });

  it('finds the identification behind the echo of an optical head and noise, in whatever pieces, with or without parity', () => {
    const noise = fc
      .uint8Array({ maxLength: 200 })
      .map((bytes) => bytes.filter((byte) => (byte & 0x7f) > 0x0d && (byte & 0x7f) !== 0x2f));
    const pieces = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(fc.oneof(noise, fc.constant(wire('/AAA'))), pieces, fc.boolean(), (before, sizes, isMasked) => {
        const signOn = new ModeESignOn();
        const bytes = Buffer.concat([before, signOn.start(), wire(ZMG)]);
        const stream = isMasked ? bytes.map((byte) => byte & 0x7f) : bytes;
        const steps: SignOnStep[] = [];
        for (let at = 0, i = 0; at < stream.length; i++) {
          const size = sizes[i % sizes.length]!;
          steps.push(...signOn.receive(stream.subarray(at, at + size)));
          at += size;
        }
        expect(steps.at(-1)).toMatchObject({ kind: 'ready', identification: { manufacturer: 'LGZ' } });
      }),
    );
  });

  it('says so where the meter has no HDLC, or no speed of this line', () => {
    const plain = new ModeESignOn();
    plain.start();
    expect(plain.receive(wire('/ISk5MT174-0001\r\n'))).toMatchObject([{ kind: 'refused', why: 'no-hdlc' }]);
    const bridge = new ModeESignOn({ fixedBaud: 4800 });
    bridge.start();
    expect(bridge.receive(wire(ZMG))).toMatchObject([{ kind: 'refused', why: 'speed' }]);
  });

  it('lets the meter stay at 300 baud where the line cannot change', () => {
    const signOn = new ModeESignOn({ fixedBaud: 300 });
    signOn.start();
    const steps = told(signOn.receive(wire(ZMG)));
    expect(steps[1]).toEqual(['send', '\u0006202\r\n']);
    expect(steps).not.toContainEqual(['speed', 9600]);
  });

  it('does not go by an identification of which one bit is another, and by the next that is whole', () => {
    const line = wire(ZMG);
    for (let at = 0; at < line.length - 2; at++)
      for (let bit = 0; bit < 8; bit++) {
        const signOn = new ModeESignOn();
        signOn.start();
        const wrong = Uint8Array.from(line);
        wrong[at]! ^= 1 << bit;
        expect(signOn.receive(wrong)).toEqual([]);
        signOn.start();
        expect(signOn.receive(line)).toHaveLength(5);
      }
  });

  it('begins anew after silence, and takes nothing more once it is through', () => {
    const signOn = new ModeESignOn();
    signOn.start();
    expect(signOn.receive(wire(ZMG.slice(0, 10)))).toEqual([]);
    signOn.start();
    expect(signOn.receive(wire(ZMG.slice(10)))).toEqual([]);
    signOn.start();
    expect(signOn.receive(wire(ZMG + ZMG))).toHaveLength(5);
    expect(signOn.receive(wire(ZMG))).toEqual([]);
  });
});

describe('parts of the opening', () => {
  it('are read back as they were written', () => {
    const made = { manufacturer: 'Ene', speed: '5', escapes: ['2', 'T'], text: 'T210/D' };
    const line = Buffer.from(encodeIdentification(made)).toString('latin1').trimEnd();
    expect(decodeIdentification(line)).toMatchObject({ ...made, reactionTime: 20, baud: 9600, mode: 'C' });
    expect(decodeRequest('/?53078125!')).toBe('53078125');
    expect(() => encodeRequest('5307!')).toThrow(expect.objectContaining({ code: 'SMX_PROTOCOL_ENCODE' }));
  });

  it('give a meter the parity that it wants, and do without it', () => {
    const sent = wire('/?!');
    expect(sent.some((byte) => oddOnes(byte) === 1)).toBe(false);
    expect(Buffer.from(withoutParity(sent)).toString()).toBe('/?!');
    expect(Buffer.from('/?!').some((byte) => oddOnes(byte) === 1)).toBe(true);
  });
});
