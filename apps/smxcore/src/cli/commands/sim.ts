import { join } from 'node:path';
import { SmxError } from '@smx-edge/model';
import { configError, loadConfig } from '../../config/index.js';
import { INSTALLATION } from '../../version.js';
import { text, type CommandRun, type Invocation } from '../command.js';
import { print } from '../out.js';
import { VirtualSite } from '../virtual-site.js';

function speedOf(invocation: Invocation): number {
  const given = text(invocation, 'speed') ?? '1';
  const speed = Number(given);
  if (!(speed >= 0.1 && speed <= 3600))
    throw new SmxError('SMX_CONFIG_INVALID', `--speed takes a number from 0.1 to 3600, not "${given}"`);
  return speed;
}

/** Where the first P1 instance of the config looks for its meter. */
function meterOf(file: string): { host: string; port: number } {
  const { config, problems } = loadConfig(file);
  if (config === undefined) throw configError(problems);
  for (const { use, config: settings } of config.instances.values()) {
    const { source } = settings;
    const url = typeof source === 'string' && URL.canParse(source) ? new URL(source) : undefined;
    if (use === 'p1-reader' && url?.protocol === 'tcp:' && url.port !== '')
      return { host: url.hostname, port: Number(url.port) };
  }
  throw new SmxError(
    'SMX_CONFIG_INVALID',
    `${file}: the virtual site needs a p1-reader with a source like tcp://127.0.0.1:2001`,
  );
}

/** `smx sim [--speed N]`: only the virtual site, where the config looks for its meter, until a signal ends it. */
export const sim: CommandRun = async (invocation) => {
  const speed = speedOf(invocation);
  const at = meterOf(text(invocation, 'config') ?? join(INSTALLATION, 'config/demo.yaml'));
  const ended = new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => resolve());
  });
  const site = await VirtualSite.start({ ...at, speed });
  print(`virtual site: P1 meter at tcp://${site.p1.host}:${site.p1.port}; Ctrl-C ends it`);
  // a pending promise alone does not keep a process
  const alive = setInterval(() => undefined, 60_000);
  await ended;
  clearInterval(alive);
  await site.stop();
  return 0;
};
