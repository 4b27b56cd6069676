import { SmxError } from '@smx-edge/model';

/** A place in a file, both from 1 on. */
export interface Place {
  readonly line: number;
  readonly col: number;
}

/** JSON with the places of its values. */
export interface LocatedJson {
  readonly value: unknown;
  /** Where the value of a path stands; of one that is not there, its nearest parent. */
  placeOf(path: readonly (string | number)[]): Place;
}

/** Nobody nests a map deeper. */
const DEEPEST = 16;
const SPACE = /[ \t\r\n]*/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const WORD = /true|false|null/y;

const keyOf = (path: readonly (string | number)[]): string => JSON.stringify(path);

/** Reads JSON (RFC 8259) and where in the text each value begins, for messages to people. Throws SMX_ROUTER_MAP with `file:line:col`. */
export function parseLocated(text: string, file: string): LocatedJson {
  const reader = new Reader(text, file);
  const value = reader.whole();
  return {
    value,
    placeOf(path) {
      for (let length = path.length; length >= 0; length--) {
        const at = reader.starts.get(keyOf(path.slice(0, length)));
        if (at !== undefined) return placeAt(text, at);
      }
      return { line: 1, col: 1 };
    },
  };
}

function placeAt(text: string, at: number): Place {
  const before = text.slice(0, at).split('\n');
  return { line: before.length, col: before.at(-1)!.length + 1 };
}

class Reader {
  /** Offset of each value by its path. */
  readonly starts = new Map<string, number>();
  private at = 0;

  constructor(
    private readonly text: string,
    private readonly file: string,
  ) {}

  whole(): unknown {
    const value = this.valueOf([]);
    this.take(SPACE);
    if (this.at < this.text.length) throw this.fault('the end of the file');
    return value;
  }

  private valueOf(path: readonly (string | number)[]): unknown {
    this.take(SPACE);
    this.starts.set(keyOf(path), this.at);
    if (path.length > DEEPEST) throw this.fault(`no more than ${DEEPEST} levels`);
    const sign = this.text[this.at];
    if (sign === '{') return this.object(path);
    if (sign === '[') return this.array(path);
    const token = this.take(STRING) ?? this.take(NUMBER) ?? this.take(WORD);
    if (token === undefined) throw this.fault('a value');
    return JSON.parse(token) as unknown;
  }

  private object(path: readonly (string | number)[]): object {
    const entries: [string, unknown][] = [];
    const keys = new Set<string>();
    this.list('}', () => {
      const token = this.take(STRING);
      if (token === undefined) throw this.fault('a name in double quotes');
      const key = JSON.parse(token) as string;
      if (keys.has(key)) throw this.fault(`"${key}" once only`);
      keys.add(key);
      this.take(SPACE);
      if (this.text[this.at] !== ':') throw this.fault('a colon');
      this.at++;
      entries.push([key, this.valueOf([...path, key])]);
    });
    return Object.fromEntries(entries);
  }

  private array(path: readonly (string | number)[]): unknown[] {
    const items: unknown[] = [];
    this.list(']', () => items.push(this.valueOf([...path, items.length])));
    return items;
  }

  private list(close: string, item: () => void): void {
    this.at++;
    this.take(SPACE);
    if (this.text[this.at] === close) {
      this.at++;
      return;
    }
    for (;;) {
      this.take(SPACE);
      item();
      this.take(SPACE);
      const sign = this.text[this.at];
      if (sign !== ',' && sign !== close) throw this.fault(`a comma or ${close}`);
      this.at++;
      if (sign === close) return;
    }
  }

  private take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const [found] = pattern.exec(this.text) ?? [];
    if (found !== undefined) this.at += found.length;
    return found;
  }

  private fault(expected: string): SmxError {
    return mapFault(this.file, placeAt(this.text, this.at), { path: '', expected, what: 'this is no JSON' });
  }
}

/** `file:line:col path: what is wrong; expected …`, as everywhere in the house. */
export function mapFault(
  file: string,
  { line, col }: Place,
  { path, expected, what }: { readonly path: string; readonly expected: string; readonly what: string },
): SmxError {
  const where = path === '' ? '' : ` ${path}`;
  return new SmxError('SMX_ROUTER_MAP', `${file}:${line}:${col}${where}: ${what}, expected ${expected}`, {
    details: [{ path, expected }],
  });
}
