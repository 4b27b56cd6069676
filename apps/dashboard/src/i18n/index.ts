import { signal } from '@preact/signals';
import type { Dictionary, Key } from './en.js';

export type { Key } from './en.js';

export const LANGUAGES = { en: 'English', nl: 'Nederlands' } as const;
export type Language = keyof typeof LANGUAGES;

type Values = Readonly<Record<string, string | number>>;

/** Each in a file of its own: nobody loads a language that is not read. */
const LOADERS: Readonly<Record<Language, () => Promise<Dictionary>>> = {
  en: async () => (await import('./en.js')).en,
  nl: async () => (await import('./nl.js')).nl,
};

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

async function speak(chosen: Language): Promise<void> {
  dictionary.value = await LOADERS[chosen]();
  language.value = chosen;
  document.documentElement.lang = chosen;
}

/** Resolves once there is something to say. */
export const begin = (): Promise<void> => speak(firstLanguage());

export async function choose(chosen: Language): Promise<void> {
  localStorage.setItem(KEPT, chosen);
  await speak(chosen);
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
