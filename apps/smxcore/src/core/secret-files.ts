import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { hasFormat, mapLeaves } from '@smx-edge/extension-host';
import { SmxError, describeError } from '@smx-edge/model';

/** The secret a `file:PATH` names, without its line end; other texts are the secret itself. Throws SMX_CONFIG_SECRET. */
function readSecret(text: string, folder: string): string {
  if (!text.startsWith('file:')) return text;
  const file = resolve(folder, text.slice('file:'.length));
  try {
    return readFileSync(file, 'utf8').replace(/\r?\n$/, '');
  } catch (error) {
    throw new SmxError('SMX_CONFIG_SECRET', `the secret file ${file} cannot be read (${describeError(error)})`, {
      cause: error,
    });
  }
}

/** Replaces `file:` references in the places that a schema marks `format: secret`; elsewhere `file:` is a source. */
export function readSecrets(
  value: unknown,
  options: { schema: unknown; folder: string; failed: (path: (string | number)[], error: SmxError) => void },
): unknown {
  const { schema, folder, failed } = options;
  return mapLeaves(schema, value, (leaf) => {
    if (typeof leaf.value !== 'string' || !hasFormat(leaf, 'secret')) return leaf.value;
    try {
      return readSecret(leaf.value, folder);
    } catch (error) {
      if (!(error instanceof SmxError)) throw error;
      failed([...leaf.path], error);
      return leaf.value;
    }
  });
}
