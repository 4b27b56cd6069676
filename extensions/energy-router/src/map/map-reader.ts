import { nearest, type SmxError } from '@smx-edge/model';
import { mapFault, type LocatedJson } from './located-json.js';

type Path = readonly (string | number)[];

interface Where {
  readonly path: Path;
  /** Name of the entry around it, for the message. */
  readonly title: string;
}

/** Takes values out of a map one by one, each checked; what is wrong is thrown as SMX_ROUTER_MAP with its place. */
export class MapReader {
  constructor(
    private readonly json: LocatedJson,
    private readonly file: string,
    private readonly where: Where = { path: [], title: '' },
  ) {}

  private get path(): Path {
    return this.where.path;
  }

  private get value(): unknown {
    return this.path.reduce<unknown>((at, key) => (at as Record<string | number, unknown>)[key], this.json.value);
  }

  /** The object here, with none but these keys. */
  object(known: readonly string[]): Record<string, unknown> {
    const { value } = this;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw this.wrong('an object');
    for (const key of Object.keys(value)) {
      if (known.includes(key)) continue;
      const meant = nearest(key, known);
      const hint = meant === undefined ? known.join(', ') : `"${meant}"`;
      throw this.at(key).wrong(hint, `there is no key "${key}"`);
    }
    return value as Record<string, unknown>;
  }

  /** What stands under each key of the object here. */
  each(): [key: string, reader: MapReader][] {
    const { value } = this;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw this.wrong('an object');
    return Object.keys(value).map((key) => [key, this.at(key)]);
  }

  /** The items of the list here. */
  list(): MapReader[] {
    const { value } = this;
    if (!Array.isArray(value)) throw this.wrong('a list');
    return value.map((_, i) => this.at(i));
  }

  has(key: string): boolean {
    return Object.hasOwn(this.value as object, key);
  }

  at(key: string | number): MapReader {
    return new MapReader(this.json, this.file, { ...this.where, path: [...this.path, key] });
  }

  /** The same place, told by the name of its entry. */
  named(title: string): MapReader {
    return new MapReader(this.json, this.file, { ...this.where, title });
  }

  text(expected: string, fits: (text: string) => boolean = () => true): string {
    const { value } = this;
    if (typeof value !== 'string' || !fits(value)) throw this.wrong(expected);
    return value;
  }

  number(expected: string, fits: (value: number) => boolean = () => true): number {
    const { value } = this;
    if (typeof value !== 'number' || !Number.isFinite(value) || !fits(value)) throw this.wrong(expected);
    return value;
  }

  integer([least, most]: readonly [number, number]): number {
    return this.number(`a whole number from ${least} to ${most}`, (value) => Number.isInteger(value) && value >= least && value <= most); // prettier-ignore
  }

  /** One of these words; of one that looks like another that is offered. */
  word<T extends string>(words: readonly T[]): T {
    const { value } = this;
    if (words.includes(value as T)) return value as T;
    const meant = typeof value === 'string' ? nearest(value, words) : undefined;
    throw this.wrong(meant === undefined ? `one of ${words.join(', ')}` : `"${meant}", or another of ${words.join(', ')}`); // prettier-ignore
  }

  wrong(expected: string, what?: string): SmxError {
    const place = this.json.placeOf(this.path);
    const { value } = this;
    const said = value === undefined ? 'nothing is there' : `${shown(value)} cannot be`;
    const { title } = this.where;
    const entry = title === '' ? '' : ` (${title})`;
    const path = `${this.path.join('.')}${entry}`;
    return mapFault(this.file, place, { path, expected, what: what ?? said });
  }
}

function shown(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
