import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Bench } from './row.js';

const root = process.cwd();

/** Commands of a page up to the one that holds `last`, without their comments. */
function commandsOf(page: string, last: string): string[] {
  const text = readFileSync(join(root, page), 'utf8');
  const blocks = [...text.matchAll(/^```sh\n(.*?)^```/gms)].flatMap(([, block]) => block!.split('\n'));
  const commands = blocks.map((line) => line.replace(/\s+#(?!").*$/, '').trim()).filter((line) => line !== '');
  const end = commands.findIndex((command) => command.includes(last));
  if (end < 0) throw new Error(`${page} has no command with ${last}`);
  return commands.slice(0, end + 1);
}

/** A terminal of its own: what is typed there one after the other. */
class Terminal {
  private readonly running: ChildProcess[] = [];
  private cwd: string = root;

  constructor(private readonly home: string) {}

  /** Types a command; resolves once it has ended well. */
  async type(command: string): Promise<void> {
    const [, folder] = /^cd (.*)$/.exec(command) ?? [];
    if (folder !== undefined) this.cwd = folder.replace('~', this.home);
    else {
      const { status, stdout, stderr } = spawnSync('bash', ['-c', command], { ...this.options, encoding: 'utf8' });
      if (status !== 0) throw new Error(`\`${command}\` ended with ${status}: ${stdout}${stderr}`);
    }
  }

  /** Types a command that goes on; gives what it prints so far. */
  leave(command: string): { out: string } {
    const child = spawn('bash', ['-c', `exec ${command}`], { ...this.options, detached: true });
    this.running.push(child);
    const seen = { out: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => (seen.out += text));
    return seen;
  }

  /** Ctrl-C to all that goes on. */
  async close(): Promise<void> {
    for (const child of this.running) {
      const ended = child.exitCode === null ? new Promise((resolve) => child.once('exit', resolve)) : undefined;
      process.kill(-child.pid!, 'SIGTERM');
      await ended;
    }
  }

  private get options() {
    return { cwd: this.cwd, env: { ...process.env, HOME: this.home } };
  }
}

async function until<T>(probe: () => T | undefined | Promise<T | undefined>): Promise<T> {
  for (;;) {
    const found = await probe();
    if (found !== undefined) return found;
    await pause(20);
  }
}

/** From `npm start` on what is installed and built to a power that the API gives to a token that was printed, s. */
async function operator(home: string): Promise<number> {
  const terminal = new Terminal(home);
  const begun = performance.now();
  try {
    const screen = terminal.leave('npm start');
    const token = await until(() => /viewer +(smx_\S+)/.exec(screen.out)?.[1]);
    const [url] = /http:\/\/[\d.:]+/.exec(screen.out)!;
    await until(async () => {
      const answer = await fetch(`${url}/api/v1/points/pcc/power/active`, {
        headers: { authorization: `Bearer ${token}` },
      });
      const { value } = (await answer.json()) as { value?: number | null };
      return typeof value === 'number' ? value : undefined;
    });
    return (performance.now() - begun) / 1000;
  } finally {
    await terminal.close();
  }
}

/** The tutorial for authors, typed as it stands there, until a value of the own package is on the screen. */
async function author(home: string): Promise<{ commands: number; seconds: number }> {
  const commands = commandsOf('docs/tutorials/write-an-extension.md', 'smx watch');
  const terminal = new Terminal(home);
  const begun = performance.now();
  try {
    let screen = { out: '' };
    for (const command of commands) {
      if (command.includes('smx watch'))
        await until(() => (screen.out.includes('the core listens') ? true : undefined));
      if (/smx (run|watch) /.test(command)) screen = terminal.leave(command);
      else await terminal.type(command);
    }
    await until(() => (/shed\/temperature +[\d.]+ Cel/.test(screen.out) ? true : undefined));
    return { commands: commands.length, seconds: (performance.now() - begun) / 1000 };
  } finally {
    await terminal.close();
  }
}

/** What a stranger meets first, by doing what the documents say. */
export const bench: Bench = {
  name: 'stranger',
  async run() {
    const home = mkdtempSync(join(tmpdir(), 'smx-stranger-'));
    try {
      const live = await operator(home);
      const { commands, seconds } = await author(home);
      const row = (name: string, unit: string, { figure, target }: { figure: number; target: number }) => ({
        ...{ name, figure, unit, target, limit: null, better: 'less' as const },
      });
      return [
        row('stranger: `npm start`, installed and built → a live value', 's', { figure: live, target: 15 }),
        row('stranger: commands from a scaffold to an own value', '', { figure: commands, target: 10 }),
        row('stranger: the same, time', 's', { figure: seconds, target: 60 }),
      ];
    } finally {
      rmSync(home, { recursive: true, force: true });
    }
  },
};
