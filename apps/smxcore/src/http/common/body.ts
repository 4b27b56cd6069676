import { SmxError, type ErrorDetail } from '@smx-edge/model';

/**
 * The members of a body, each a text. Throws SMX_HTTP_BAD_REQUEST naming each that is missing, unknown or none.
 */
export function textsOf<R extends string, O extends string = never>(
  body: unknown,
  { required, optional = [] }: { required: readonly R[]; optional?: readonly O[] },
): Readonly<Record<R, string> & Partial<Record<O, string>>> {
  const known: readonly string[] = [...required, ...optional];
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new SmxError('SMX_HTTP_BAD_REQUEST', `the body must be an object with ${required.join(', ')}`);
  const faults: ErrorDetail[] = [];
  for (const [path, value] of Object.entries(body))
    if (!known.includes(path)) faults.push({ path, expected: `one of ${known.join(', ')}` });
    else if (typeof value !== 'string') faults.push({ path, expected: 'a text' });
  for (const path of required) if (!Object.hasOwn(body, path)) faults.push({ path, expected: 'a text' });
  if (faults.length > 0) {
    const text = faults.map(({ path, expected }) => `${path}: expected ${expected}`).join('; ');
    throw new SmxError('SMX_HTTP_BAD_REQUEST', text, { details: faults });
  }
  return body as Readonly<Record<R, string> & Partial<Record<O, string>>>;
}
