import { VirtualClock, type PrincipalRecord } from '@smx-edge/model';
import { SmallLedger } from '../test-support/small-live.js';
import { parseRoles } from './parse-roles.js';
import { Principals, type PrincipalStore } from './principals.js';

class SmallStore implements PrincipalStore {
  readonly records = new Map<string, PrincipalRecord>();
  broken = false;

  principals(): readonly PrincipalRecord[] {
    return [...this.records.values()];
  }

  async putPrincipal(record: PrincipalRecord): Promise<void> {
    await Promise.resolve();
    if (this.broken) throw new Error('disk full');
    this.records.set(record.name, record);
  }

  async removePrincipal(name: string): Promise<void> {
    await Promise.resolve();
    if (this.broken) throw new Error('disk full');
    this.records.delete(name);
  }
}

const roles = parseRoles({ roles: { gesscon: {}, esco: {} } });

function make(store = new SmallStore()) {
  const clock = new VirtualClock();
  const ledger = new SmallLedger();
  const principals = new Principals({
    store,
    clock,
    ledger,
    roles: () => roles,
    reserved: () => ['p1', 'gesscon-link'],
  });
  const changes: string[] = [];
  principals.onChange((kind, { name }) => changes.push(`${kind} ${name}`));
  return { clock, ledger, principals, store, changes };
}

describe('Principals', () => {
  it('makes tokens that let in, once and only by their own name, and keeps no token', async () => {
    const { principals, store, changes, ledger } = make();
    const { token, record } = await principals.createToken({ role: 'gesscon', alias: 'k3f9' });
    expect(token).toMatch(/^smx_[A-Za-z0-9_-]{43}$/);
    expect(record).toMatchObject({ name: 'gesscon', kind: 'token', role: 'gesscon', alias: 'k3f9' });
    expect(principals.byToken(token)).toBe(record);
    expect(principals.login('gesscon', token)).toBe(record);
    expect(principals.login('esco', token)).toBeUndefined();
    expect(JSON.stringify([...store.records, ledger.entries])).not.toContain(token);
    expect(changes).toEqual(['added gesscon']);
    expect(ledger.entries).toMatchObject([
      { kind: 'grant', principal: 'gesscon', data: { principal: 'created', role: 'gesscon' } },
    ]);
    const other = await principals.createToken({ role: 'esco' });
    expect(other.token).not.toBe(token);
    expect(principals.list().map(({ name }) => name)).toEqual(['esco', 'gesscon']);
  });

  it('lets nothing else in', async () => {
    const { principals } = make();
    const { token, record } = await principals.createToken({ role: 'esco' });
    const flipped = token.slice(0, -2) + (token.at(-2) === 'A' ? 'B' : 'A') + token.at(-1)!;
    for (const wrong of [
      '',
      'smx_',
      flipped,
      token.slice(0, -1),
      `${token}A`,
      record.tokenHash!,
      ` ${token}`,
      'x'.repeat(1e6),
    ])
      expect(principals.byToken(wrong)).toBeUndefined();
  });

  it('ends a revoked token within the turn, before the store has it', async () => {
    const { principals, changes, store } = make();
    const { token } = await principals.createToken({ role: 'esco' });
    const done = principals.revoke('esco');
    expect(principals.byToken(token)).toBeUndefined();
    expect(changes).toEqual(['added esco', 'removed esco']);
    await done;
    expect(store.records.size).toBe(0);
    await expect(principals.revoke('esco')).rejects.toMatchObject({ code: 'SMX_ACCESS_PRINCIPAL_UNKNOWN' });
    await expect(principals.createToken({ role: 'esco' })).resolves.toBeDefined();
  });

  it('keeps a revoked token out also where the store fails, and says so', async () => {
    const { principals, store } = make();
    const { token } = await principals.createToken({ role: 'esco' });
    store.broken = true;
    await expect(principals.revoke('esco')).rejects.toThrow('disk full');
    expect(principals.byToken(token)).toBeUndefined();
    await expect(principals.createToken({ role: 'gesscon' })).rejects.toThrow('disk full');
    store.broken = false;
    await expect(principals.createToken({ role: 'gesscon' })).resolves.toBeDefined();
  });

  it('ends an expired token without any traffic, and takes it back where the clock was wrong', async () => {
    const { principals, clock, changes } = make();
    const expires = clock.now() + 90 * 60_000;
    const { token } = await principals.createToken({ role: 'esco', expires });
    clock.advance(90 * 60_000 - 1);
    expect(principals.byToken(token)).toBeDefined();
    clock.advance(1);
    expect(changes).toEqual(['added esco', 'removed esco']);
    expect(principals.byToken(token)).toBeUndefined();
    expect(principals.list()).toHaveLength(1);
    clock.setWall(expires - 60_000);
    clock.advance(1000);
    expect(changes.at(-1)).toBe('added esco');
    expect(principals.byToken(token)).toBeDefined();
  });

  it('gives the name of an expired token free', async () => {
    const { principals, clock } = make();
    const { token: old } = await principals.createToken({ role: 'esco', expires: clock.now() + 1000 });
    clock.advance(1000);
    const { token } = await principals.createToken({ role: 'esco' });
    expect(principals.byToken(old)).toBeUndefined();
    expect(principals.byToken(token)).toMatchObject({ name: 'esco' });
  });

  it('knows the tokens of the store again, expired ones as such', async () => {
    const { principals, store, clock } = make();
    const { token } = await principals.createToken({ role: 'esco' });
    const short = await principals.createToken({ role: 'gesscon', expires: clock.now() + 5 });
    store.records.set('gesscon', { ...short.record, expires: clock.now() - 1 });
    const again = make(store);
    expect(again.principals.byToken(token)).toMatchObject({ name: 'esco' });
    expect(again.principals.byToken(short.token)).toBeUndefined();
  });

  it.each([
    [{ role: 'esko' }, 'SMX_ACCESS_ROLE_UNKNOWN', 'did you mean "esco"?'],
    [{ role: 'esco', name: 'Esco' }, 'SMX_ACCESS_NAME_INVALID', 'lower case'],
    [{ role: 'esco', alias: 'a/b' }, 'SMX_ACCESS_NAME_INVALID', 'a/b'],
    [{ role: 'esco', name: 'p1' }, 'SMX_ACCESS_NAME_TAKEN', 'p1'],
    [{ role: 'esco', name: 'local' }, 'SMX_ACCESS_NAME_TAKEN', 'local'],
    [{ role: 'esco', name: 'gesscon-link' }, 'SMX_ACCESS_NAME_TAKEN', 'gesscon-link'],
    [{ role: 'esco', expires: 5 }, 'SMX_CONFIG_INVALID', 'to come'],
    [{ role: 'esco', expires: NaN }, 'SMX_CONFIG_INVALID', 'to come'],
  ])('refuses %j with %s', async (wanted, code, text) => {
    const { principals, changes } = make();
    const refused = principals.createToken(wanted);
    await expect(refused).rejects.toMatchObject({ code });
    await expect(refused).rejects.toThrow(text);
    expect(changes).toEqual([]);
  });

  it('gives one of two equal names at the same time', async () => {
    const { principals } = make();
    const both = await Promise.allSettled([
      principals.createToken({ role: 'esco' }),
      principals.createToken({ role: 'esco' }),
    ]);
    expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  });
});
