import { readFileSync } from 'node:fs';
import { SmxError, describeError } from '@smx-edge/model';
import { isMap, isNode, isPair, isScalar, isSeq, LineCounter, parseDocument, type Document } from 'yaml';
import type { ConfigPath, Problem } from './problem.js';

/** Largest config file that is read, in bytes; bounds what alias expansion can cost. */
const LARGEST = 1 << 20;

/** A YAML file whose every value and key has a line and a column. */
export class ConfigDocument {
  private constructor(
    readonly file: string,
    private readonly document: Document,
    private readonly lines: LineCounter,
  ) {}

  /** Throws SMX_CONFIG_UNREADABLE. Syntax errors are in `syntax()`. */
  static read(file: string): ConfigDocument {
    let text: string;
    try {
      text = readFileSync(file, 'utf8');
    } catch (error) {
      throw new SmxError(
        'SMX_CONFIG_UNREADABLE',
        `${file} cannot be read (${describeError(error)}); give another with --config`,
        {
          cause: error,
        },
      );
    }
    if (text.length > LARGEST)
      throw new SmxError('SMX_CONFIG_UNREADABLE', `${file} is larger than 1 MiB, which no config is; check the path`);
    const lines = new LineCounter();
    return new ConfigDocument(file, parseDocument(text, { lineCounter: lines, prettyErrors: false }), lines);
  }

  syntax(): Problem[] {
    return this.document.errors.map((error) => {
      const { line, col } = this.lines.linePos(error.pos[0]);
      const wrong = error.code === 'DUPLICATE_KEY' ? 'this key stands twice' : `not valid YAML (${error.message})`;
      const expected = error.code === 'DUPLICATE_KEY' ? 'each key once' : 'valid YAML';
      const path = pathTo(this.document.contents, error.pos[0]);
      return { code: 'SMX_CONFIG_SYNTAX', file: this.file, line, col, path, wrong, expected };
    });
  }

  /** The plain value; an empty file is an empty mapping. Throws SMX_CONFIG_SYNTAX where aliases explode. */
  value(): unknown {
    try {
      return (this.document.toJS({ maxAliasCount: 100 }) as unknown) ?? {};
    } catch (error) {
      throw new SmxError(
        'SMX_CONFIG_SYNTAX',
        `${this.file} uses too many or unknown aliases (${describeError(error)})`,
        { cause: error },
      );
    }
  }

  /** Where the value at `path` stands, or the nearest thing above it that exists. */
  place(path: ConfigPath): { line: number; col: number } {
    for (let length = path.length; length >= 0; length--) {
      const node = length === 0 ? this.document.contents : this.document.getIn(path.slice(0, length), true);
      const start = isNode(node) ? node.range?.[0] : undefined;
      if (start === undefined) continue;
      // a missing member is reported at the key of the mapping it is missing from
      const above = length < path.length && length > 0 ? this.keyStart(path.slice(0, length)) : undefined;
      return this.lines.linePos(above ?? start);
    }
    return { line: 1, col: 1 };
  }

  /** Where the key of the last step of `path` stands. */
  keyPlace(path: ConfigPath): { line: number; col: number } {
    const start = this.keyStart(path);
    return start === undefined ? this.place(path) : this.lines.linePos(start);
  }

  private keyStart(path: ConfigPath): number | undefined {
    const parent = path.length === 1 ? this.document.contents : this.document.getIn(path.slice(0, -1), true);
    if (!isMap(parent)) return undefined;
    const key = parent.items.find((item) => isScalar(item.key) && String(item.key.value) === String(path.at(-1)))?.key;
    return isNode(key) ? key.range?.[0] : undefined;
  }
}

/** Path of the innermost key or item that begins at `offset` or before it. */
function pathTo(node: unknown, offset: number): ConfigPath {
  if (!isMap(node) && !isSeq(node)) return [];
  const starts = node.items.map((item) => {
    const first = isPair(item) ? item.key : item;
    return isNode(first) ? (first.range?.[0] ?? Infinity) : Infinity;
  });
  const at = starts.findLastIndex((start) => start <= offset);
  const item = node.items[at];
  if (item === undefined) return [];
  if (!isPair(item)) return [at, ...pathTo(item, offset)];
  const key = isScalar(item.key) ? String(item.key.value) : '';
  return starts[at] === offset ? [key] : [key, ...pathTo(item.value, offset)];
}
