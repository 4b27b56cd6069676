import { durationMs } from '@smx-edge/model';
import { text, type CommandRun, type Invocation } from '../command.js';
import { askJson } from '../client.js';
import { atDesk } from '../desk.js';
import { print } from '../out.js';
import { table } from '../table.js';
import type { Target } from '../target.js';
import { UsageError } from '../usage-error.js';
import { timeText } from '../values.js';
import type { TokenDesk, TokenWish } from '../../core/offline.js';

const online = (target: Target): TokenDesk => ({
  create: (wish) => askJson(target, '/api/v1/tokens', { method: 'POST', body: wish }),
  list: () => askJson(target, '/api/v1/tokens'),
  revoke: (name) => askJson(target, `/api/v1/tokens/${encodeURIComponent(name)}`, { method: 'DELETE' }),
});

const here = <T>(invocation: Invocation, work: (desk: TokenDesk) => Promise<T>): Promise<T> =>
  atDesk(invocation, { online: (target) => work(online(target)), offline: ({ tokens }) => work(tokens) });

async function create(invocation: Invocation, json: boolean): Promise<number> {
  const role = text(invocation, 'role');
  if (role === undefined) throw new UsageError('--role is missing');
  const expires = text(invocation, 'expires');
  const wish: TokenWish = {
    role,
    ...optional('name', text(invocation, 'name')),
    ...optional('alias', text(invocation, 'alias')),
    ...(expires === undefined ? {} : { expires: Date.now() + durationMs(expires) }),
  };
  const made = await here(invocation, (desk) => desk.create(wish));
  if (json) print(JSON.stringify(made));
  else {
    const until = made.expires === null ? 'never expires' : `expires ${timeText(made.expires)}`;
    print(
      `${made.token}\n\nprincipal ${made.principal}, role ${made.role}, ${until}; the token is shown only this once`,
    );
  }
  return 0;
}

const optional = <K extends string>(key: K, value: string | undefined): Partial<Record<K, string>> =>
  value === undefined ? {} : ({ [key]: value } as Record<K, string>);

/** `smx token create | list | revoke NAME` */
export const token: CommandRun = async (invocation) => {
  const [verb, name] = invocation.args;
  const json = invocation.values['json'] === true;
  if (verb === 'create' && name === undefined) return create(invocation, json);
  if (verb === 'list' && name === undefined) {
    const rows = await here(invocation, (desk) => desk.list());
    if (json) print(JSON.stringify(rows));
    else
      print(
        table([
          ['NAME', 'ROLE', 'ALIAS', 'CREATED', 'EXPIRES'],
          ...rows.map((row) => [
            row.principal,
            row.role,
            row.alias ?? '-',
            timeText(row.created),
            row.expires === null ? 'never' : timeText(row.expires),
          ]),
        ]),
      );
    return 0;
  }
  if (verb === 'revoke' && name !== undefined) {
    await here(invocation, (desk) => desk.revoke(name));
    if (json) print(JSON.stringify({ principal: name, revoked: true }));
    else print(`${name} is revoked`);
    return 0;
  }
  throw new UsageError(`a token is not to "${invocation.args.join(' ')}"`);
};
