import { once } from 'node:events';
import { createReadStream, createWriteStream, existsSync, renameSync, rmSync, type WriteStream } from 'node:fs';
import { resolve } from 'node:path';
import { describeError, isSmxError, SmxError } from '@smx-edge/model';
import { restoreBackup } from '@smx-edge/datastore';
import { configError, loadConfig } from '../../config/index.js';
import { LOCAL } from '../../core/proof.js';
import { ask } from '../client.js';
import type { CommandRun, Invocation } from '../command.js';
import { atStore } from '../desk.js';
import { complain, print } from '../out.js';
import { configFile } from '../target.js';

/** A store of gigabytes is copied before the first byte comes. */
const PATIENCE = 30 * 60_000;

/** `smx backup FILE [--with-secrets]`: FILE appears when it is whole. */
export const backup: CommandRun = async (invocation) => {
  const file = resolve(invocation.args[0] ?? '');
  if (existsSync(file)) throw new SmxError('SMX_CONFIG_INVALID', `${file} is there already; take another name`);
  const bytes = await written(file, invocation);
  if (invocation.values['json'] === true) print(JSON.stringify({ file, bytes }));
  else print(`${file}: ${bytes} bytes`);
  return 0;
};

async function written(file: string, invocation: Invocation): Promise<number> {
  const secrets = invocation.values['with-secrets'] === true;
  const part = `${file}.part`;
  const out = createWriteStream(part, { mode: 0o600 });
  try {
    await once(out, 'open').catch((error: unknown) => {
      throw new SmxError('SMX_CONFIG_INVALID', `${part} cannot be written (${describeError(error)})`, { cause: error });
    });
    await atStore(invocation, {
      online: async (target) => {
        const query = { secrets: String(secrets) };
        await copy(
          await ask(target, '/api/v1/backup', { query, accept: 'application/x-tar', patience: PATIENCE }),
          out,
        );
      },
      offline: (store) => copy(store.vault.backup({ secrets, by: LOCAL }), out),
    });
    out.end();
    await once(out, 'close');
    renameSync(part, file);
    return out.bytesWritten;
  } catch (error) {
    out.destroy();
    rmSync(part, { force: true });
    throw isSmxError(error)
      ? error
      : new SmxError('SMX_HTTP_UNREACHABLE', `the backup broke off (${describeError(error)}); nothing is kept of it`, {
          cause: error,
        });
  }
}

async function copy(from: AsyncIterable<Uint8Array>, to: WriteStream): Promise<void> {
  for await (const part of from) if (!to.write(part)) await once(to, 'drain');
}

/** `smx restore FILE`. */
export const restore: CommandRun = async (invocation) => {
  const file = resolve(invocation.args[0] ?? '');
  if (!existsSync(file)) throw new SmxError('SMX_CONFIG_UNREADABLE', `${file} is not there`);
  const { config, problems } = loadConfig(configFile(invocation));
  if (config === undefined) throw configError(problems);
  const source = createReadStream(file) as AsyncIterable<Buffer>;
  const { manifest, before } = await restoreBackup(config.data, source, { now: Date.now(), by: LOCAL });
  const made = new Date(manifest.made).toISOString();
  if (invocation.values['json'] === true)
    print(JSON.stringify({ made, secrets: manifest.secrets, before: before ?? null }));
  else print(`restored what was kept on ${made}${before === undefined ? '' : `; what was there is in ${before}`}`);
  if (!manifest.secrets) complain('users and tokens are not in it: make them anew, the page asks for a set-up code');
  return 0;
};
