import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { durationText, SmxError, isSmxError, windowEnd, Zone } from '@smx-edge/model';
import { loadConfig, problemText, shownFile, type Config } from '../../config/index.js';
import { BUILT_IN_ROLES, type Role } from '@smx-edge/access';
import { startCore, type Core } from '../../core/core.js';
import { freePort } from '../../core/free-port.js';
import { openLog } from '../../core/logging.js';
import { endOnFault, serve } from '../../core/process.js';
import { INSTALLATION } from '../../version.js';
import { text, type CommandRun, type Invocation } from '../command.js';
import { demoCharging, OUTLET, proxying } from '../demo-charging.js';
import { demoWave, withWave } from '../demo-wave.js';
import { complain, print, report } from '../out.js';
import { table } from '../table.js';
import { UsageError } from '../usage-error.js';
import { VirtualSite } from '../virtual-site.js';

/** Instance of the demo config that reads the virtual meter. */
const METER = 'p1';

function speedOf(invocation: Invocation): number {
  const given = text(invocation, 'speed') ?? '1';
  const speed = Number(given);
  if (!(speed >= 0.1 && speed <= 3600)) throw new UsageError(`--speed takes a number from 0.1 to 3600, not "${given}"`);
  return speed;
}

/** The demo takes other ports where its own are taken, so that it starts beside whatever runs here. */
async function onFreePorts(config: Config): Promise<Config> {
  const http = { ...config.http, port: await freePort(config.http) };
  const broker = config.broker === null ? null : { ...config.broker, port: await freePort(config.broker) };
  return { ...config, http, broker };
}

async function startSite(config: Config, speed: number, more: object): Promise<VirtualSite> {
  const source = config.instances.get(METER)?.config['source'];
  const wanted = typeof source === 'string' && URL.canParse(source) ? new URL(source) : undefined;
  if (wanted?.protocol !== 'tcp:')
    throw new SmxError(
      'SMX_CONFIG_INVALID',
      `${config.file}: the demo needs an instance "${METER}" with a source like tcp://127.0.0.1:2001`,
    );
  const port = await freePort({ host: wanted.hostname, port: Number(wanted.port) });
  return VirtualSite.start({ host: wanted.hostname, port, speed, more });
}

/** The config with the meter's source set to where the virtual site really is. */
function reading(config: Config, { host, port }: { host: string; port: number }): Config {
  const meter = config.instances.get(METER)!;
  const source = `tcp://${host}:${port}`;
  const instances = new Map(config.instances).set(METER, { ...meter, config: { ...meter.config, source } });
  return { ...config, instances };
}

/** A new token per role of the roles file; what an earlier demo made is revoked. */
async function demoTokens(core: Core): Promise<{ role: string; token: string }[]> {
  const made: { role: string; token: string }[] = [];
  const held = new Set(core.principals.list().map(({ name }) => name));
  for (const role of core.roles.keys()) {
    if (BUILT_IN_ROLES.has(role) && role !== 'viewer') continue;
    if (held.has(role)) await core.principals.revoke(role);
    const { token } = await core.principals.createToken({ role });
    made.push({ role, token });
  }
  return made;
}

/** Per window length of a role: when its first window is over, on the clock of the site. */
function firstValues(role: Role | undefined, timezone: string): string[][] {
  const windows = new Set(role?.grants.filter(({ actions }) => actions.read !== undefined).map(({ every }) => every));
  windows.delete(0);
  return [...windows].map((every) => {
    const end = windowEnd(Date.now() + 1, every, new Zone(timezone));
    const time = new Date(end).toLocaleTimeString('en-GB', { timeZone: timezone });
    return [`    ${role!.name}`, `${durationText(every)} windows: the first closes ${time} (${timezone})`];
  });
}

/** The owner of the demo under a new password, known only to who sees this run's output. */
async function demoUser({ principals }: Core): Promise<{ name: string; password: string }> {
  const name = 'demo';
  const password = randomBytes(9).toString('base64url');
  if (principals.list().some((held) => held.name === name)) await principals.revoke(name);
  await principals.createUser({ name, role: 'owner', password });
  return { name, password };
}

interface Told {
  readonly user: { readonly name: string; readonly password: string };
  readonly tokens: readonly { readonly role: string; readonly token: string }[];
  /** What the charge point's back end has on its bill. */
  readonly bill: string | undefined;
}

function tell(config: Config, core: Core, { user, tokens, bill }: Told): void {
  const { broker } = core;
  print(`SMX Edge demo: site ${config.site}\n`);
  print(
    table([
      ['  page and API', core.url],
      ['  log in as', `${user.name}   password ${user.password}   (of this run)`],
      [
        '  local broker',
        broker === undefined ? 'not up' : `mqtt://${broker.host}:${broker.port} (user: role, password: token)`,
      ],
      ...(bill === undefined ? [] : [['  bill of the car', bill]]),
      ['  data folder', config.data],
    ]),
  );
  print('\n  tokens of this run');
  print(table(tokens.map(({ role, token }) => [`    ${role}`, token])));
  const waits = tokens.flatMap(({ role }) => firstValues(core.roles.get(role), config.timezone));
  if (waits.length > 0) print(`\n  values in windows come with the end of the first one\n${table(waits)}`);
  print('\n  try');
  const [first, second] = [tokens.find(({ role }) => role === 'dso'), tokens.find(({ role }) => role === 'esco')];
  const to = `--config ${shownFile(config.file)}`;
  const lines = [`npx smx read "pcc/#" ${to}`, `npx smx watch "pcc/power/#" ${to}`];
  if (bill !== undefined)
    lines.push(`npx smx write ${OUTLET}/current/limit 10 --for 10m --reason "the oven is on" ${to}`);
  if (first !== undefined) lines.push(`npx smx grants ${first.role} ${to}`);
  if (first !== undefined) lines.push(`curl -H "Authorization: Bearer ${first.token}" "${core.url}/api/v1/points"`);
  if (broker !== undefined)
    for (const party of [first, second])
      if (party !== undefined)
        lines.push(
          `mosquitto_sub -h ${broker.host} -p ${broker.port} -u ${party.role} -P ${party.token} -t "smx/1/+/${party.role}/#" -v`,
        );
  for (const line of lines) print(`    ${line}`);
  print('\n  Ctrl-C ends it.');
}

/** `smx demo`: virtual site, core and a token per role, until a signal ends it. */
export const demo: CommandRun = async (invocation) => {
  const speed = speedOf(invocation);
  const loaded = loadConfig(text(invocation, 'config') ?? join(INSTALLATION, 'config/demo.yaml'));
  if (loaded.config === undefined) {
    for (const problem of loaded.problems) complain(problemText(problem));
    return 2;
  }
  const output = openLog('warn', 2);
  endOnFault(output.log, output.close);
  let site: VirtualSite | undefined;
  try {
    const ports = await onFreePorts(loaded.config);
    const charging = await demoCharging(ports);
    site = await startSite(ports, speed, { ...charging?.site, ...(await demoWave(ports, speed)) });
    const metered = withWave(reading(ports, site.p1), site.s1);
    const bill = site.csms?.replace(/^ws/, 'http');
    const config = charging && site.csms !== undefined ? proxying(metered, charging.listen, site.csms) : metered;
    return await serve(async () => {
      const core = await startCore({ loaded: { ...loaded, config }, log: output.log });
      tell(config, core, { user: await demoUser(core), tokens: await demoTokens(core), bill });
      return core;
    }, output.log);
  } catch (error) {
    if (!isSmxError(error)) throw error;
    report(error, false);
    return error.class === 'config' ? 2 : 1;
  } finally {
    await site?.stop();
    output.close();
  }
};
