import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { SmxError } from '@smx-edge/model';
import { INSTALLATION } from '../version.js';

const MAIN = join(INSTALLATION, 'apps/site-simulator/dist/main.js');
const PATIENCE = 20_000;

export interface SiteOptions {
  readonly host: string;
  /** 0 = any free one. */
  readonly port: number;
  readonly speed: number;
  /** What the site has beside its meter, as keys of its config file. */
  readonly more?: object;
}

interface Address {
  readonly host: string;
  readonly port: number;
}

/** What the site says once it is up. */
interface Addresses {
  readonly p1: Address;
  readonly s1?: Address;
  readonly csms?: { readonly source: string };
}

/** The virtual site in a process of its own, as a real site is: the core meets it over its protocols only. */
export class VirtualSite {
  private constructor(
    private readonly process: ChildProcess,
    private readonly at: Addresses,
  ) {}

  /** Where its P1 meter serves. */
  get p1(): Address {
    return this.at.p1;
  }

  /** Where its S1 port serves, where it has one. */
  get s1(): Address | undefined {
    return this.at.s1;
  }

  /** The back end of its charge point, where it has one. */
  get csms(): string | undefined {
    return this.at.csms?.source;
  }

  /** Rejects SMX_SIMULATOR_ADDRESS where it does not come up; its own message is on standard error. */
  static async start({ host, port, speed, more }: SiteOptions): Promise<VirtualSite> {
    const args = [MAIN, '--host', host, '--port', String(port), '--speed', String(speed)];
    if (more !== undefined) args.push('--more', JSON.stringify(more));
    const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    child.stdin.on('error', () => child.kill());
    const up = new Promise<string>((resolve, reject) => {
      const failed = (why: string): void => {
        reject(new SmxError('SMX_SIMULATOR_ADDRESS', `the virtual site did not come up at ${host}:${port}: ${why}`));
      };
      const timer = setTimeout(() => failed('it said nothing in time'), PATIENCE);
      child.once('error', (error) => failed(error.message));
      child.once('exit', (code) => failed(`it ended with ${code ?? 'a signal'}`));
      createInterface({ input: child.stdout }).once('line', (line) => {
        clearTimeout(timer);
        resolve(line);
      });
    });
    try {
      return new VirtualSite(child, JSON.parse(await up) as Addresses);
    } catch (error) {
      child.kill();
      throw error;
    }
  }

  async stop(): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const ended = new Promise<void>((resolve) => this.process.once('exit', () => resolve()));
    this.process.stdin?.end();
    await ended;
  }
}
