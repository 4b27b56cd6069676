import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { SmxError, type PasswordHash } from '@smx-edge/model';

/** With r = 8 over 32 MiB: the C library gives so much back at once, and keeps less for each of its threads. */
const N = 32_768;
const R = 8;
const P = 1;
const LENGTH = 32;
/** Letters; NIST SP 800-63B §5.1.1.2 asks for at least 8 and room for 64. */
const SHORTEST = 8;
const LONGEST = 128;
/** Guesses that may wait for their turn; each takes some 100 ms, a second on a Pi. */
const MOST_WAITING = 16;

/** Compared with where there is no such user, so that a name costs the same whether or not it exists. */
const NOBODY: PasswordHash = {
  n: N,
  r: R,
  p: P,
  salt: randomBytes(16).toString('base64'),
  hash: randomBytes(LENGTH).toString('base64'),
};

let turn: Promise<unknown> = Promise.resolve();
let waiting = 0;

/** One at a time in the whole process: each takes 32 MiB and a core. Throws SMX_HTTP_RATE where too many wait. */
async function derive(password: string, how: PasswordHash): Promise<Buffer> {
  if (waiting >= MOST_WAITING) throw new SmxError('SMX_HTTP_RATE', 'too many logins at once; try again in 5 s');
  waiting++;
  const mine = turn.then(() => run(password, how));
  turn = mine.catch(() => undefined);
  try {
    return await mine;
  } finally {
    waiting--;
  }
}

function run(password: string, { n, r, p, salt, hash }: PasswordHash): Promise<Buffer> {
  const length = Buffer.from(hash, 'base64').length;
  return new Promise((resolve, reject) =>
    scrypt(
      password.normalize('NFKC'),
      Buffer.from(salt, 'base64'),
      length,
      { N: n, r, p, maxmem: 256 * n * r },
      (error, key) => (error === null ? resolve(key) : reject(error)),
    ),
  );
}

/** What is kept of a password: scrypt (RFC 7914) with its parameters. Throws SMX_ACCESS_PASSWORD. */
export async function hashPassword(password: string): Promise<PasswordHash> {
  const letters = Array.from(password.normalize('NFKC')).length;
  if (letters < SHORTEST || letters > LONGEST)
    throw new SmxError('SMX_ACCESS_PASSWORD', `a password has ${SHORTEST} to ${LONGEST} letters`);
  const blank = {
    n: N,
    r: R,
    p: P,
    salt: randomBytes(16).toString('base64'),
    hash: Buffer.alloc(LENGTH).toString('base64'),
  };
  const key = await derive(password, blank);
  return { ...blank, hash: key.toString('base64') };
}

/** Whether it is the password; without a `kept` one it costs the same and never is. */
export async function isPassword(password: string, kept: PasswordHash | undefined): Promise<boolean> {
  const against = kept ?? NOBODY;
  // a longer one was never taken, and hashing it would only be work
  const key = await derive(password.slice(0, 4 * LONGEST), against);
  return (
    timingSafeEqual(key, Buffer.from(against.hash, 'base64')) && kept !== undefined && password.length <= 4 * LONGEST
  );
}
