import { createHash } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import { join } from 'node:path';
import { MANIFEST, SUMS, type Manifest } from './manifest.js';
import { padding, TAR_END, tarHeader } from './tar.js';

/** The archive of a folder that has the named files. */
export async function* sendBackup(
  folder: string,
  names: readonly string[],
  manifest: Manifest,
): AsyncGenerator<Uint8Array, void> {
  const sums: Record<string, string> = {};
  function* whole(name: string, text: string): Generator<Uint8Array> {
    const bytes = Buffer.from(text);
    yield tarHeader(name, bytes.length, manifest.made);
    yield bytes;
    yield padding(bytes.length);
  }
  const first = JSON.stringify(manifest);
  sums[MANIFEST] = createHash('sha256').update(first).digest('hex');
  yield* whole(MANIFEST, first);
  for (const name of names) {
    const path = join(folder, name);
    const { size } = statSync(path);
    yield tarHeader(name, size, manifest.made);
    const hash = createHash('sha256');
    for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
      hash.update(chunk);
      yield chunk;
    }
    yield padding(size);
    sums[name] = hash.digest('hex');
  }
  yield* whole(SUMS, JSON.stringify(sums));
  yield TAR_END;
}
