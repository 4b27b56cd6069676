import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { describeError } from '@smx-edge/model';
import type { Config, Problem } from '../config/index.js';
import type { ConfigDocument } from '../config/document.js';
import { placed } from '../config/load.js';

/** What keeps the doors from serving TLS: files that cannot be read, and a key that is not that of the certificate. */
export function tlsProblems(config: Config, document: ConfigDocument): Problem[] {
  return (['http', 'broker'] as const).flatMap((section) => {
    const files = config[section]?.tls;
    if (files === undefined || files === null) return [];
    const fault = (path: readonly string[], wrong: string, expected: string): Problem =>
      placed(document, { code: 'SMX_CONFIG_INVALID', path: [section, 'tls', ...path], wrong, expected });
    const problems: Problem[] = [];
    const read = (which: 'key' | 'cert'): string => {
      try {
        return readFileSync(files[which], 'utf8');
      } catch (error) {
        problems.push(
          fault(
            [which],
            `${files[which]} cannot be read (${describeError(error)})`,
            'a PEM file that this user may read',
          ),
        );
        return '';
      }
    };
    const pair = { key: read('key'), cert: read('cert') };
    if (problems.length > 0) return problems;
    try {
      createSecureContext(pair);
    } catch (error) {
      const expected = 'PEM files of a private key and of its certificate';
      problems.push(fault([], `key and certificate are of no use (${describeError(error)})`, expected));
    }
    return problems;
  });
}
