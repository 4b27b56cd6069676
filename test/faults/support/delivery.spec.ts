import { judge, keyOf, type Rows } from './delivery.js';
import { WATCHED } from './witness.js';

const SECONDS = [1000, 2000, 3000];
const VALUES = [10, 20, 30];

function rows(change: (rows: Map<string, unknown[]>) => void = () => undefined): Rows {
  const all = SECONDS.flatMap((t) => WATCHED.map((path, i): [string, unknown[]] => [keyOf(t, path), [VALUES[i]]]));
  const found = new Map(all);
  change(found);
  return found;
}

const counts = (o: { history?: Rows; table?: Rows; absent?: boolean }) => {
  const witness = {
    sent: new Map(SECONDS.map((t) => [t, VALUES])),
    came: new Map(SECONDS.map((t) => [t, t + 5])),
  };
  const absences = o.absent === true ? [{ from: 1500, to: 2500 }] : [];
  const { unread, lost, twice, wrong, good } = judge({
    ...{ witness, absences, from: 1000, to: 3000 },
    ...{ history: o.history ?? rows(), table: o.table ?? rows() },
  });
  return { unread: unread.length, lost: lost.length, twice: twice.length, wrong: wrong.length, good };
};

const none = { unread: 0, lost: 0, twice: 0, wrong: 0, good: 9 };
const key = keyOf(2000, WATCHED[1]);

it('sees what is missing, doubled, changed or made up, and nothing where all is well', () => {
  expect(counts({})).toEqual(none);
  expect(counts({ table: rows((all) => all.delete(key)) })).toEqual({ ...none, lost: 1, good: 8 });
  expect(counts({ table: rows((all) => all.set(key, [20, 20])) })).toEqual({ ...none, twice: 1, good: 8 });
  expect(counts({ table: rows((all) => all.set(key, [21])) })).toEqual({ ...none, wrong: 1, good: 8 });
  expect(counts({ table: rows((all) => all.set(keyOf(2500, WATCHED[1]), [20])) })).toEqual({ ...none, wrong: 1 });
});

it('excuses what nobody was there to read, and not that a table lacks what was kept', () => {
  const without = rows((all) => all.delete(key));
  expect(counts({ history: without, table: without })).toEqual({ ...none, unread: 1, good: 8 });
  expect(counts({ history: without, table: without, absent: true })).toEqual({ ...none, good: 8 });
  expect(counts({ table: without, absent: true })).toEqual({ ...none, lost: 1, good: 8 });
});
