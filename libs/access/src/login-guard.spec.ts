import crypto from 'node:crypto';
import { VirtualClock, type PrincipalRecord } from '@smx-edge/model';
import { LoginGuard } from './login-guard.js';
import { hashPassword, isPassword } from './password.js';

async function make() {
  const clock = new VirtualClock();
  const users = new Map<string, PrincipalRecord>();
  const password = await hashPassword('correct horse');
  users.set('anna', { name: 'anna', kind: 'user', role: 'owner', created: 0, password });
  const denied: string[] = [];
  const guard = new LoginGuard({
    book: { user: (name) => users.get(name) },
    clock,
    deny: (who, what) => denied.push(`${who}: ${what}`),
  });
  /** Lets the clock run in small steps until the attempt is answered; the ms it took. */
  const attempt = async (name: string, secret: string, address = 'here'): Promise<{ code: string; took: number }> => {
    const from = clock.monotonic();
    const codes: string[] = [];
    guard.login(name, secret, address).then(
      () => codes.push('in'),
      (error: unknown) => codes.push((error as { code: string }).code),
    );
    while (codes.length === 0) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      if (pending(guard)) clock.advance(50);
    }
    return { code: codes[0]!, took: clock.monotonic() - from };
  };
  return { clock, users, denied, guard, attempt };
}

/** Whether an answer is held back, so that only then time passes. */
const pending = (guard: LoginGuard): boolean => (guard as unknown as { delays: Set<unknown> }).delays.size > 0;

describe('LoginGuard', () => {
  it('doubles the delay of failures by account and address, for names that do not exist alike', async () => {
    const { attempt } = await make();
    for (const name of ['anna', 'nobody', 'No Name']) {
      const took = [];
      for (let i = 0; i < 4; i++) took.push((await attempt(name, 'wrong')).took);
      expect(took).toEqual([250, 500, 1000, 2000]);
    }
    expect(await attempt('anna', 'wrong', 'elsewhere')).toEqual({ code: 'SMX_ACCESS_LOGIN', took: 250 });
    expect(await attempt('anna', 'correct horse')).toEqual({ code: 'in', took: 0 });
    expect((await attempt('anna', 'wrong')).took).toBe(250);
  });

  it('takes ten guesses of an account within a minute from wherever they come, and then not even the right one', async () => {
    const { attempt, clock, guard, denied } = await make();
    for (const name of ['anna', 'nobody']) {
      for (let i = 0; i < 10; i++) expect((await attempt(name, 'wrong', `address ${i}`)).code).toBe('SMX_ACCESS_LOGIN');
      expect((await attempt(name, 'correct horse', 'home')).code).toBe('SMX_HTTP_RATE');
      expect(guard.retryAfter(name)).toBeGreaterThan(50);
    }
    expect(new Set(denied)).toEqual(
      new Set([
        'anna: login with a wrong name or password',
        'anna: login guessed too often',
        'unknown: login with a wrong name or password',
        'unknown: login guessed too often',
      ]),
    );
    clock.advance(60_000);
    expect((await attempt('anna', 'correct horse')).code).toBe('in');
  });

  it('counts guesses that come at the same time', async () => {
    const { guard } = await make();
    const all = await Promise.allSettled(Array.from({ length: 14 }, () => guard.login('anna', 'correct horse', 'x')));
    expect(all.filter(({ status }) => status === 'rejected').length).toBeGreaterThanOrEqual(4);
  });

  it('refuses a user who was removed while the password was looked at', async () => {
    const { attempt, users } = await make();
    const answer = attempt('anna', 'correct horse');
    users.delete('anna');
    expect((await answer).code).toBe('SMX_ACCESS_LOGIN');
  });
});

describe('passwords', () => {
  it('are kept as scrypt with its parameters and a salt of their own', async () => {
    const [a, b] = [await hashPassword('pässword'), await hashPassword('pässword')];
    expect(a).toMatchObject({ n: 32_768, r: 8, p: 1 });
    expect(a.salt).not.toBe(b.salt);
    expect(a.hash).not.toBe(b.hash);
    expect(await isPassword('pa\u0308ssword', a)).toBe(true);
    expect(await isPassword('passwords', a)).toBe(false);
    expect(await isPassword('pässword', undefined)).toBe(false);
  });

  it('are worked at one after the other, and past a few that wait further ones are refused at once', async () => {
    const kept = await hashPassword('pässword');
    const { scrypt } = crypto;
    let [running, most] = [0, 0];
    const counting = jest.spyOn(crypto, 'scrypt').mockImplementation((...args: unknown[]) => {
      most = Math.max(most, ++running);
      const done = args.pop() as (error: Error | null, key: Buffer) => void;
      const counted = (error: Error | null, key: Buffer): void => {
        running--;
        done(error, key);
      };
      (scrypt as (...all: unknown[]) => void)(...args, counted);
    });
    const all = await Promise.allSettled(Array.from({ length: 40 }, () => isPassword('pässword', kept)));
    counting.mockRestore();
    const refused = all.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
    expect(refused).toHaveLength(24);
    expect(refused).toEqual(refused.map(() => expect.objectContaining({ code: 'SMX_HTTP_RATE' })));
    expect(all.filter((one) => one.status === 'fulfilled' && one.value)).toHaveLength(16);
    expect(most).toBe(1);
  });

  it.each(['', 'short', 'x'.repeat(129)])('are refused where they are too short or too long', async (password) => {
    await expect(hashPassword(password)).rejects.toMatchObject({ code: 'SMX_ACCESS_PASSWORD' });
  });
});
