import { nearest, SmxError, type ErrorDetail } from '@smx-edge/model';

/** One segment below a JSON pointer (RFC 6901). */
export function below(path: string, key: string | number): string {
  return `${path}/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

export function isRecord(raw: unknown): raw is Record<string, unknown> {
  return typeof raw === 'object' && raw !== null && !Array.isArray(raw) && !(raw instanceof Date);
}

/** Everything wrong with a document, each with its JSON pointer and what was expected there. */
export class Issues {
  private readonly details: ErrorDetail[] = [];
  private onlyKeys = true;

  add(path: string, expected: string): void {
    this.onlyKeys = false;
    this.details.push({ path, expected });
  }

  /** The members of an object whose keys are all known; undefined (and an issue) where it is none. */
  object(raw: unknown, path: string, known: readonly string[]): Record<string, unknown> | undefined {
    if (!isRecord(raw)) {
      this.add(path, `an object with ${known.join(', ')}`);
      return undefined;
    }
    for (const key of Object.keys(raw)) {
      if (known.includes(key)) continue;
      const meant = nearest(key, known);
      const hint = meant === undefined ? `one of ${known.join(', ')}` : `did you mean "${meant}"?`;
      this.details.push({ path: below(path, key), expected: `a known key: ${hint}` });
    }
    return raw;
  }

  /** Throws all issues as one error, if there are any. */
  raise(what: string): void {
    const first = this.details[0];
    if (first === undefined) return;
    const more = this.details.length > 1 ? ` (and ${this.details.length - 1} more)` : '';
    throw new SmxError(
      this.onlyKeys ? 'SMX_CONFIG_UNKNOWN_KEY' : 'SMX_CONFIG_INVALID',
      `${what}: at ${first.path === '' ? 'the top' : first.path} expected ${first.expected}${more}`,
      { details: this.details },
    );
  }
}
