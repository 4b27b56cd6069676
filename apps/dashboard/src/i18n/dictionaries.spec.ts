import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { charging } from './en-charging.js';
import { quality } from './en-quality.js';
import { en as whole } from './en.js';
import { charging as laden } from './nl-charging.js';
import { quality as kwaliteit } from './nl-quality.js';
import { nl as geheel } from './nl.js';

const en = { ...whole, ...charging, ...quality };
const nl = { ...geheel, ...laden, ...kwaliteit };

const source = join(__dirname, '..');
const sources = readdirSync(source, { recursive: true })
  .map(String)
  .filter((name) => /\.tsx?$/.test(name) && !name.startsWith('i18n') && !name.includes('.spec.'))
  .map((name) => readFileSync(join(source, name), 'utf8'))
  .join('\n');
/** Beginnings of keys that are made up at run time. */
const made = [...sources.matchAll(/`([a-z]+\.(?:[a-z]+\.)*)\$\{/g)].map(([, prefix]) => prefix!);

const blanks = (text: string): string[] => [...text.matchAll(/\{\w+\}/g)].map(([blank]) => blank).sort();

const keys = Object.keys(en) as (keyof typeof en)[];

test('every text is said somewhere', () => {
  const isSaid = (key: string): boolean =>
    sources.includes(`'${key}'`) || made.some((prefix) => key.startsWith(prefix));
  expect(keys.filter((key) => !isSaid(key))).toEqual([]);
});

test('every text has the same blanks in each language', () => {
  expect(keys.filter((key) => blanks(nl[key]).join() !== blanks(en[key]).join())).toEqual([]);
});
