import fc from 'fast-check';
import { decodeRegisters, encodeRegisters, REGISTER_TYPES } from './register.js';

it.each([
  ['uint16', [0xffff], 65_535],
  ['int16', [0xffff], -1],
  ['uint32', [0x0001, 0x0000], 65_536],
  ['int32', [0xffff, 0xfffe], -2],
  ['float32', [0x3dcc, 0xcccd], 0.1],
  ['float32', [0x4b80, 0x0001], 16_777_218],
  ['float32', [0x7fc0, 0x0000], NaN],
  ['float32', [0x7f80, 0x0000], NaN],
  ['int32', [0x0001], NaN],
] as const)('%s of %j is %d', (type, words, value) => {
  expect(decodeRegisters(words, { type, isLowFirst: false })).toBe(value);
  expect(decodeRegisters([...words].reverse(), { type, isLowFirst: true })).toBe(value);
});

it('what is written is read again, and what does not fit is refused', () => {
  fc.assert(
    fc.property(fc.constantFrom(...REGISTER_TYPES), fc.double(), fc.boolean(), (type, value, isLowFirst) => {
      let words: number[];
      try {
        words = encodeRegisters(value, { type, isLowFirst });
      } catch (error) {
        expect(error).toMatchObject({ code: 'SMX_ROUTER_VALUE' });
        return;
      }
      const read = decodeRegisters(words, { type, isLowFirst });
      if (type !== 'float32') expect(read).toBe(Math.round(value) + 0);
      else if (Number.isFinite(Math.fround(value))) expect(Math.fround(read)).toBe(Math.fround(value) + 0);
    }),
    { numRuns: 2000 },
  );
});
