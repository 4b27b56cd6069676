import type { TokenRow } from '../../http/answers.js';
import { askJson } from '../client.js';
import { text, type CommandRun, type Invocation } from '../command.js';
import { atDesk } from '../desk.js';
import { print } from '../out.js';
import { readPassword } from '../password.js';
import { table } from '../table.js';
import type { Target } from '../target.js';
import { UsageError } from '../usage-error.js';
import { timeText } from '../values.js';
import type { UserDesk } from '../../core/offline.js';

const online = (target: Target): UserDesk => {
  const path = (name: string): string => `/api/v1/users/${encodeURIComponent(name)}`;
  return {
    add: (user) => askJson(target, '/api/v1/users', { method: 'POST', body: user }),
    passwd: (name, password) => askJson(target, `${path(name)}/password`, { method: 'POST', body: { password } }),
    list: () => askJson(target, '/api/v1/users'),
    remove: (name) => askJson(target, path(name), { method: 'DELETE' }),
  };
};

const here = <T>(invocation: Invocation, work: (desk: UserDesk) => Promise<T>): Promise<T> =>
  atDesk(invocation, { online: (target) => work(online(target)), offline: ({ users }) => work(users) });

const listing = (rows: readonly TokenRow[]): string =>
  table([
    ['NAME', 'ROLE', 'CREATED'],
    ...rows.map(({ principal, role, created }) => [principal, role, timeText(created)]),
  ]);

/** `smx user add NAME --role R | passwd NAME | list | remove NAME` */
export const user: CommandRun = async (invocation) => {
  const [verb, name] = invocation.args;
  const role = text(invocation, 'role');
  const tell = (done: unknown, words: string): number => {
    print(invocation.values['json'] === true ? JSON.stringify(done) : words);
    return 0;
  };
  if (verb === 'list' && name === undefined) {
    const rows = await here(invocation, (desk) => desk.list());
    return tell(rows, listing(rows));
  }
  if (verb === 'add' && name !== undefined && role === undefined) throw new UsageError('--role is missing');
  if (verb === 'add' && name !== undefined && role !== undefined) {
    const password = await readPassword(name);
    const made = await here(invocation, (desk) => desk.add({ name, role, password }));
    return tell(made, `${name} is a user with role ${made.role}`);
  }
  if (verb === 'passwd' && name !== undefined) {
    const password = await readPassword(name);
    await here(invocation, (desk) => desk.passwd(name, password));
    return tell({ principal: name, changed: true }, `${name} has a new password; its sessions are ended`);
  }
  if (verb === 'remove' && name !== undefined) {
    await here(invocation, (desk) => desk.remove(name));
    return tell({ principal: name, removed: true }, `${name} is removed`);
  }
  throw new UsageError(`a user is not to "${invocation.args.join(' ')}"`);
};
