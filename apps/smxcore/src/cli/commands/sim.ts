import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { INSTALLATION } from '../../version.js';
import { text, type CommandRun } from '../command.js';

const MAIN = join(INSTALLATION, 'apps/site-simulator/dist/main.js');

/** `smx sim`: the virtual site in the foreground; lines on standard input steer it, a signal ends it. */
export const sim: CommandRun = async (invocation) => {
  const file = text(invocation, 'config');
  const args = file === undefined ? [] : ['--config', file];
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['pipe', 'inherit', 'inherit'] });
  child.stdin.on('error', () => child.kill());
  // the end of our input is not the end of the site: a service has none
  process.stdin.on('error', () => child.kill()).pipe(child.stdin, { end: false });
  const stop = (): void => void child.kill('SIGTERM');
  process.once('SIGTERM', stop).once('SIGINT', stop);
  const status = await new Promise<number>((resolve, reject) => {
    child.once('error', reject).once('exit', (code) => resolve(code ?? 1));
  });
  process.stdin.unpipe().destroy();
  return status;
};
