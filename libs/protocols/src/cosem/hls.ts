import { createCipheriv, createHash, timingSafeEqual } from 'node:crypto';
import { SmxError } from '@smx-edge/model';
import { gmac, type CipherKeys } from './cipher.js';
import type { Mechanism } from './acse.js';

/** What both sides of a high level authentication know once the challenges are exchanged (Green Book §9.2.7.4). */
export interface HlsExchange {
  readonly mechanism: Mechanism;
  /** Challenge of the client to the server, and of the server to the client. */
  readonly ctos: Uint8Array;
  readonly stoc: Uint8Array;
  readonly clientTitle?: Uint8Array;
  readonly serverTitle?: Uint8Array;
  /** The shared secret, of all mechanisms but 5. */
  readonly secret?: Uint8Array;
  /** Of mechanism 5. */
  readonly keys?: CipherKeys;
  /** Of mechanism 2, which each maker has its own of: challenge and secret to the proof. Default AES-128. */
  readonly maker?: (challenge: Uint8Array, secret: Uint8Array) => Uint8Array;
}

export type Side = 'client' | 'server';

/**
 * What one side proves itself with. `counter`: its invocation counter, of mechanism 5. Throws SMX_PROTOCOL_ENCODE where
 * something is missing or the mechanism is not known.
 */
export function hlsProof(exchange: HlsExchange, side: Side, counter = 0): Uint8Array {
  const { mechanism, ctos, stoc, maker = aesProof } = exchange;
  const challenge = side === 'client' ? stoc : ctos;
  const other = side === 'client' ? ctos : stoc;
  const secret = (): Uint8Array => exchange.secret ?? missing('secret');
  switch (mechanism) {
    case 2:
      return maker(challenge, secret());
    case 3:
      return createHash('md5').update(challenge).update(secret()).digest();
    case 4:
      return createHash('sha1').update(challenge).update(secret()).digest();
    case 5:
      return gmac(challenge, { keys: exchange.keys ?? missing('key'), title: titleOf(exchange, side), counter });
    case 6: {
      const [own, far] = [titleOf(exchange, side), titleOf(exchange, side === 'client' ? 'server' : 'client')];
      return createHash('sha256').update(secret()).update(own).update(far).update(challenge).update(other).digest();
    }
    default:
      throw new SmxError('SMX_PROTOCOL_ENCODE', `Authentication mechanism ${mechanism} is not supported`);
  }
}

/** Whether the other side has proved itself. */
export function hlsProves(exchange: HlsExchange, side: Side, proof: Uint8Array): boolean {
  const counter = exchange.mechanism === 5 && proof.length >= 5 ? Buffer.from(proof).readUInt32BE(1) : 0;
  const expected = hlsProof(exchange, side, counter);
  return expected.length === proof.length && timingSafeEqual(expected, proof);
}

function titleOf({ clientTitle, serverTitle }: HlsExchange, side: Side): Uint8Array {
  return (side === 'client' ? clientTitle : serverTitle) ?? missing('system title');
}

function missing(what: string): never {
  throw new SmxError('SMX_PROTOCOL_ENCODE', `High level authentication needs a ${what}`);
}

/** As the meters do that name no other way: the challenge under the secret, filled up with noughts to 16 bytes. */
function aesProof(challenge: Uint8Array, secret: Uint8Array): Uint8Array {
  const key = Buffer.alloc(16);
  key.set(secret.subarray(0, 16));
  const cipher = createCipheriv('aes-128-ecb', key, null).setAutoPadding(false);
  const padded = Buffer.alloc(Math.ceil(challenge.length / 16) * 16);
  padded.set(challenge);
  return Buffer.concat([cipher.update(padded), cipher.final()]);
}
