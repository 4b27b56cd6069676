import type { S1Block } from '@smx-edge/protocols/s1';
import { FOUR_WIRE } from '../../test-support/s1-wire.js';
import { FormatWatch } from './format-watch.js';

const SINGLE = { ...FOUR_WIRE, phases: 1 as const, wires: 2 as const };
/** A block with a format of its own, as after each change. */
const block = (format: S1Block['format'], count: number): S1Block => ({ format: { ...format }, count }) as S1Block;

it('believes one block at once, and no frames of which formats change by turns', () => {
  expect(new FormatWatch().isOfMeter(block(FOUR_WIRE, 128), 2600)).toBe(true);
  const watch = new FormatWatch();
  for (let k = 0; k < 10_000; k++) expect(watch.isOfMeter(block(k % 2 ? SINGLE : FOUR_WIRE, 1), 2600)).toBe(false);
  expect(watch.format).toBeUndefined();
  expect(watch.tick()).toBe(true);
});

it('takes another format for the meter only once it stood for two seconds', () => {
  const watch = new FormatWatch();
  watch.isOfMeter(block(FOUR_WIRE, 128), 2600);
  const { format } = watch;
  for (let k = 0; k < 10; k++) {
    expect(watch.isOfMeter(block(SINGLE, 2600), 2600)).toBe(false);
    expect(watch.isOfMeter(block(FOUR_WIRE, 2600), 2600)).toBe(true);
    expect(watch.format).toBe(format);
  }
  expect(watch.isOfMeter(block(SINGLE, 2600), 2600)).toBe(false);
  expect(watch.isOfMeter(block(SINGLE, 2600), 2600)).toBe(true);
  expect(watch.format).toEqual(SINGLE);
});
