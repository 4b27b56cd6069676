/**
 * What identifies a driver: never printed, logged or written as JSON, only handed out for a keyed hash. Case does not count
 * (1.6 ed.2 chapter 7 IdToken, 2.0.1 part 2 IdTokenType).
 */
export class IdTag {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text.toLowerCase();
  }

  /** What is hashed: UTF-8, lower case. */
  hashInput(): Uint8Array {
    return Buffer.from(this.#text, 'utf8');
  }

  toString(): string {
    return '***';
  }

  toJSON(): string {
    return '***';
  }
}
