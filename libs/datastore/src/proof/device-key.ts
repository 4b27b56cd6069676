import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign,
  verify,
  type KeyObject,
} from 'node:crypto';
import { chmodSync, closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';

const FILE = 'device.key';

/** The public half of a device key. */
export interface PublicKey {
  /** First 16 hex digits of the SHA-256 over the public key (DER). */
  readonly name: string;
  /** SubjectPublicKeyInfo, DER (RFC 8410), base64. */
  readonly public: string;
}

/**
 * The Ed25519 key (RFC 8032) of this box: made on the first start, 0600 in the data folder, never in a backup without
 * secrets, never sent anywhere.
 */
export class DeviceKey implements PublicKey {
  readonly name: string;
  readonly public: string;

  private constructor(private readonly key: KeyObject) {
    const der = createPublicKey(key).export({ type: 'spki', format: 'der' });
    this.public = der.toString('base64');
    this.name = keyName(der);
  }

  /** Reads the key of a data folder, or makes it; a file that is no key is set aside. Throws where the disk refuses. */
  static open(folder: string, now: number): DeviceKey {
    const path = join(folder, FILE);
    if (existsSync(path)) {
      const known = read(path);
      if (known !== undefined) return new DeviceKey(known);
      renameSync(path, `${path}.damaged-${now}`);
    }
    const { privateKey } = generateKeyPairSync('ed25519');
    write(path, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
    return new DeviceKey(privateKey);
  }

  sign(text: string): Buffer {
    return sign(null, Buffer.from(text), this.key);
  }
}

const keyName = (der: Buffer): string => createHash('sha256').update(der).digest('hex').slice(0, 16);

/** The public key of a text, where it is an Ed25519 one and bears its name. */
export function publicKeyOf({ name, public: text }: PublicKey): KeyObject | undefined {
  const der = Buffer.from(text, 'base64');
  try {
    const key = createPublicKey({ key: der, type: 'spki', format: 'der' });
    return key.asymmetricKeyType === 'ed25519' && keyName(der) === name ? key : undefined;
  } catch {
    // what is no key verifies nothing, which is the answer
    return undefined;
  }
}

/** Whether `sig` (base64) is this key's over `text`. */
export const isSigned = (text: string, sig: string, key: KeyObject): boolean =>
  verify(null, Buffer.from(text), key, Buffer.from(sig, 'base64'));

function read(path: string): KeyObject | undefined {
  const text = readFileSync(path, 'utf8');
  chmodSync(path, 0o600);
  try {
    const key = createPrivateKey(text);
    return key.asymmetricKeyType === 'ed25519' ? key : undefined;
  } catch {
    // what is no key is set aside by the caller
    return undefined;
  }
}

/** Whole and durable before anything is signed with it: a key lost to a power cut would leave signatures nobody can check. */
function write(path: string, pem: string): void {
  const fresh = `${path}.new`;
  const file = openSync(fresh, 'w', 0o600);
  try {
    chmodSync(fresh, 0o600);
    writeSync(file, pem);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(fresh, path);
  const folder = openSync(dirname(path), 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
