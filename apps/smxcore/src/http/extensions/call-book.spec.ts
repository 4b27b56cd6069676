import type { View } from '@smx-edge/access';
import { VirtualClock, type NewLedgerEntry } from '@smx-edge/model';
import type { Doors } from '../doors.js';
import { CallBook } from './call-book.js';

const MINUTE = 60_000;
const START = Date.UTC(2026, 0, 1);

function bookOn(clock: VirtualClock): { book: CallBook; entries: NewLedgerEntry[] } {
  const entries: NewLedgerEntry[] = [];
  const ledger = { append: (entry: NewLedgerEntry) => void entries.push(entry) };
  return { book: new CallBook({ clock, ledger } as unknown as Doors), entries };
}

const viewOf = (name: string): View => ({ principal: { name, role: 'installer' } }) as View;
const inject = { id: 'ocpp', name: 'inject', detail: 'Reset' };

it('writes the first call at once, and the sum of a quarter of an hour where there were more', () => {
  const clock = new VirtualClock(START);
  const { book, entries } = bookOn(clock);
  book.begin(viewOf('anna'), inject);
  const data = { role: 'installer', call: 'ocpp/inject/Reset', since: START };
  expect(entries).toEqual([{ t: START, kind: 'command', principal: 'anna', data }]);
  for (let i = 0; i < 9; i++) {
    clock.advance(MINUTE);
    book.begin(viewOf('anna'), inject);
  }
  book.begin(viewOf('anna'), inject).failed();
  expect(entries).toHaveLength(1);
  clock.advance(6 * MINUTE);
  const until = START + 15 * MINUTE;
  expect(entries.slice(1)).toEqual([
    { t: until, kind: 'command', principal: 'anna', data: { ...data, until, calls: 11, failed: 1 } },
  ]);
  book.begin(viewOf('anna'), inject);
  expect(entries).toHaveLength(3);
});

it('keeps callers and calls apart, says no more of a single call that went well, and loses no sum at the end', () => {
  const clock = new VirtualClock(START);
  const { book, entries } = bookOn(clock);
  book.begin(viewOf('anna'), inject);
  book.begin(viewOf('bert'), inject);
  book.begin(viewOf('anna'), { ...inject, detail: undefined }).failed();
  expect(entries.map(({ principal, data }) => [principal, data['call']])).toEqual([
    ['anna', 'ocpp/inject/Reset'],
    ['bert', 'ocpp/inject/Reset'],
    ['anna', 'ocpp/inject'],
  ]);
  book.onModuleDestroy();
  expect(entries.slice(3)).toMatchObject([{ principal: 'anna', data: { call: 'ocpp/inject', calls: 1, failed: 1 } }]);
  clock.advance(60 * MINUTE);
  expect(entries).toHaveLength(4);
});

it('is bounded: a caller of ever new details fills neither memory nor ledger', () => {
  const { book, entries } = bookOn(new VirtualClock(START));
  for (let i = 0; i < 5000; i++) book.begin(viewOf('anna'), { ...inject, detail: `no-${i}` });
  expect(entries.length).toBeLessThanOrEqual(1001);
  expect(entries.at(-1)?.data['call']).toBe('ocpp/inject');
});
