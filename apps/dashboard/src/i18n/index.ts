import { signal } from '@preact/signals';
import type { charging } from './en-charging.js';
import type { quality } from './en-quality.js';
import type { Dictionary } from './en.js';

export type Key = keyof Dictionary | keyof typeof charging | keyof typeof quality;

export const LANGUAGES = { en: 'English', nl: 'Nederlands' } as const;
export type Language = keyof typeof LANGUAGES;

type Values = Readonly<Record<string, string | number>>;

/** Each in a file of its own: nobody loads a language that is not read. */
const LOADERS: Readonly<Record<Language, () => Promise<Dictionary>>> = {
  en: async () => (await import('./en.js')).en,
  nl: async () => (await import('./nl.js')).nl,
};

/** What only one view says comes with that view: most look at others. */
const PARTS = {
  charging: {
    en: async () => (await import('./en-charging.js')).charging,
    nl: async () => (await import('./nl-charging.js')).charging,
  },
  quality: {
    en: async () => (await import('./en-quality.js')).quality,
    nl: async () => (await import('./nl-quality.js')).quality,
  },
} as const;
export type PartName = keyof typeof PARTS;

const KEPT = 'smx-language';

const isLanguage = (text: string | null): text is Language => text !== null && Object.hasOwn(LANGUAGES, text);

/** What was chosen here before, else the first of the browser's languages that there is. */
function firstLanguage(): Language {
  const kept = localStorage.getItem(KEPT);
  if (isLanguage(kept)) return kept;
  for (const language of navigator.languages) {
    const short = language.slice(0, 2).toLowerCase();
    if (isLanguage(short)) return short;
  }
  return 'en';
}

/** The language the page is in. */
export const language = signal<Language>('en');
const dictionary = signal<Readonly<Record<string, string>>>({});

const learned = new Set<PartName>();

async function speak(chosen: Language): Promise<void> {
  const loaders = [LOADERS[chosen], ...[...learned].map((part) => PARTS[part][chosen])];
  dictionary.value = Object.assign({}, ...(await Promise.all(loaders.map((load) => load())))) as Dictionary;
  language.value = chosen;
  document.documentElement.lang = chosen;
}

/** Resolves once there is something to say. */
export const begin = (): Promise<void> => speak(firstLanguage());

export async function choose(chosen: Language): Promise<void> {
  localStorage.setItem(KEPT, chosen);
  await speak(chosen);
}

/** Resolves once the words of a part are known, too, and from then on in whichever language is chosen. */
export async function learn(part: PartName): Promise<void> {
  learned.add(part);
  await speak(language.peek());
}

const filled = (text: string, values: Values): string =>
  text.replaceAll(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));

/** The text of a key in the language of the page, with `{name}` filled in. */
export function t(key: Key, values: Values = {}): string {
  return filled(dictionary.value[key] ?? key, values);
}

/** The text of a key that is made up at run time; undefined where there is none. */
export function maybe(key: string, values: Values = {}): string | undefined {
  const text = dictionary.value[key];
  return text === undefined ? undefined : filled(text, values);
}
