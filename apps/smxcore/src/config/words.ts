import { Type, type TObject, type TSchema } from '@sinclair/typebox';
import { DURATION_PATTERN } from '@smx-edge/model';

/** `expected` is the text of an error at this place: what should have stood there. */
export interface Words {
  readonly description?: string;
  readonly expected?: string;
  readonly default?: unknown;
}

/** A duration as text. */
export const Duration = (description: string, byDefault?: string): TSchema & { static: string } =>
  Type.String({
    pattern: DURATION_PATTERN,
    expected: 'a duration like 500ms, 10s, 15m, 1h, 31d or 10y',
    description,
    ...(byDefault === undefined ? {} : { default: byDefault }),
  });

/** A mapping of known keys. */
export const closed = <T extends Record<string, TSchema>>(properties: T, words: Words = {}): TObject<T> =>
  Type.Object(properties, { additionalProperties: false, expected: 'a mapping', ...words });

