import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { createSecureContext } from 'node:tls';
import { describeError, durationMs, SmxError } from '@smx-edge/model';
import { readDocument } from './document.js';
import type { RawConfig } from './schema.js';

/** How it gets in at the broker; texts, PEM files already read. */
export interface BrokerAccess {
  readonly username?: string;
  readonly password?: string;
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
}

/** gesscon.yaml with defaults put in, secrets resolved and durations in ms. */
export interface Config {
  readonly party: string;
  readonly broker: { readonly url: string; readonly version: 4 | 5; readonly share: string; readonly access: BrokerAccess };
  /** `postgres://…`, or `sqlite:` and an absolute path. */
  readonly database: string;
  readonly silence: number;
  readonly keep: number | undefined;
  readonly http: { readonly host: string; readonly port: number; readonly token: string | undefined };
  readonly log: NonNullable<RawConfig['log']>;
}

function readText(file: string, what: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new SmxError('SMX_CONFIG_SECRET', `${what} ${file} cannot be read (${describeError(error)})`, { cause: error });
  }
}

/** Reads and resolves the config. Throws SMX_CONFIG_…; no message holds a secret. */
export function loadConfig(file: string, env: NodeJS.ProcessEnv = process.env): Config {
  const raw = readDocument(file);
  const near = (path: string): string => resolve(dirname(resolve(file)), path);
  const secret = (text: string | undefined): string | undefined =>
    text?.startsWith('file:') === true
      ? readText(near(text.slice('file:'.length)), 'the secret').toString('utf8').trim()
      : text?.replace(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g, (_all, name: string) => {
          const value = env[name];
          if (value === undefined) throw new SmxError('SMX_CONFIG_SECRET', `\${${name}} is not set in the environment`);
          return value;
        });
  const { user, password, ca, cert, key, url, version = 5, share = 'gesscon' } = raw.broker;
  const word = secret(password);
  const database = secret(raw.database) ?? '';
  const pem = {
    ...(ca === undefined ? {} : { ca: readText(near(ca), 'the file') }),
    ...(cert === undefined ? {} : { cert: readText(near(cert), 'the file') }),
    ...(key === undefined ? {} : { key: readText(near(key), 'the file') }),
  };
  try {
    createSecureContext(pem);
  } catch (error) {
    const text = `${file} broker: expected cert and key as PEM that belong together (${describeError(error)})`;
    throw new SmxError('SMX_CONFIG_INVALID', text, { cause: error });
  }
  if (!/^(postgres(ql)?:\/\/|sqlite:.)/.test(database))
    throw new SmxError('SMX_CONFIG_INVALID', `${file} database: expected postgres://user@host/name, or sqlite:FILE`);
  return {
    party: raw.party,
    broker: {
      ...{ url, version, share },
      access: {
        ...(user === undefined ? {} : { username: user }),
        ...(word === undefined ? {} : { password: word }),
        ...pem,
      },
    },
    database: database.startsWith('sqlite:') ? `sqlite:${near(database.slice('sqlite:'.length))}` : database,
    silence: durationMs(raw.silence ?? '45s'),
    keep: raw.keep === undefined ? undefined : durationMs(raw.keep),
    http: { host: raw.http?.host ?? '127.0.0.1', port: raw.http?.port ?? 8090, token: secret(raw.http?.token) },
    log: raw.log ?? 'info',
  };
}
