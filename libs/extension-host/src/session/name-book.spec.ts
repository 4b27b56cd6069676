import { LiveTable } from '@smx-edge/datastore';
import { VirtualClock } from '@smx-edge/model';
import { NameBook, type NameAnswer } from './name-book.js';

function begin(order: string[], live?: LiveTable) {
  const clock = new VirtualClock();
  const book = new NameBook(clock);
  book.begin(live ?? new LiveTable({ clock }), order);
  const claim = (instance: string, name: string): { answer?: NameAnswer } => {
    const result: { answer?: NameAnswer } = {};
    book.claim({ instance, name, settle: (answer) => void (result.answer = answer) });
    return result;
  };
  return { clock, book, claim };
}

test('a faster later instance waits for the earlier one, which gets the name', () => {
  const { book, claim } = begin(['one', 'two']);
  const second = claim('two', 'pcc');
  expect(second.answer).toBeUndefined();
  expect(claim('one', 'pcc').answer).toEqual({ name: 'pcc' });
  book.ready('one');
  expect(second.answer).toEqual({ name: 'pcc-two' });
});

test('nobody waits longer than the head start, nor for one that ended', () => {
  const { clock, book, claim } = begin(['one', 'two', 'three']);
  const last = claim('three', 'pcc');
  book.withdraw('one');
  expect(last.answer).toBeUndefined();
  clock.advance(1000);
  expect(last.answer).toEqual({ name: 'pcc' });
});

test('what the catalogue knows needs no waiting, and a name once given stays', () => {
  const live = new LiveTable({ clock: new VirtualClock() });
  const declare = (device: string, instance: string): void => {
    const more = { unit: null, type: 'number', kind: 'measurement', maxAge: 0 } as const;
    live.declare({ path: `${device}/x`, device, instance, ...more });
  };
  declare('pcc', 'two');
  declare('gas-two', 'two');
  const { claim } = begin(['one', 'two'], live);
  expect(claim('two', 'pcc').answer).toEqual({ name: 'pcc' });
  expect(claim('two', 'gas').answer ?? 'waits').toBe('waits');
  expect(claim('one', 'pcc').answer).toEqual({ name: 'pcc-one' });
  const { clock, claim: later } = begin(['one', 'two'], live);
  const gas = later('two', 'gas');
  clock.advance(1000);
  expect(gas.answer).toEqual({ name: 'gas-two' });
});

test('where the other name is taken or too long as well, the device is refused', () => {
  const live = new LiveTable({ clock: new VirtualClock() });
  for (const device of ['pcc', 'pcc-b', 'x'.repeat(60)])
    live.declare({ path: `${device}/x`, device, instance: 'a', unit: null, type: 'number', kind: 'state', maxAge: 0 });
  const { claim: again } = begin(['a', 'b'], live);
  expect(again('b', 'pcc').answer).toMatchObject({ refused: expect.stringContaining('pcc-b') });
  expect(again('b', 'x'.repeat(60)).answer).toMatchObject({ refused: expect.stringContaining('too long') });
  expect(again('b', 'Not A Name').answer ?? 'waits').not.toEqual({ name: 'Not A Name' });
});
