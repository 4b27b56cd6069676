import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { MqttClient } from 'mqtt';
import { freePort } from './core.js';
import { quickClient } from './quick-client.js';

const root = process.cwd();

export const POINT = 'battery/power/setpoint';

/** A real core with one virtual battery that may be commanded, started as an operator starts it. */
export class ControlBox {
  private readonly folder = mkdtempSync(join(tmpdir(), 'smx-control-'));
  private process: ChildProcess | undefined;

  private constructor(
    readonly http: number,
    readonly broker: number,
  ) {}

  /** `more`: further sections of its configuration; `remembers`: the battery keeps its register in the store of the box. */
  static async prepare(more: object = {}, remembers = true): Promise<ControlBox> {
    const box = new ControlBox(await freePort(), await freePort());
    const grants = [{ read: ['battery/#'] }, { command: [POINT], between: [-4000, 4000], lease: '15m' }];
    writeFileSync(join(box.folder, 'roles.yaml'), JSON.stringify({ roles: { ctl: { grants } } }));
    const device = { use: 'virtual-device', control: 'on', config: { ramp: 0, interval: 0, remembers } };
    const config = {
      ...{ site: 'bench', timezone: 'Europe/Rome', data: './var', roles: './roles.yaml' },
      ...{ http: { port: box.http }, broker: { port: box.broker }, extensions: { virtual: device } },
      ...more,
    };
    writeFileSync(join(box.folder, 'smx.yaml'), JSON.stringify(config));
    return box;
  }

  /** Starts the core; resolves once it is ready. */
  async start(): Promise<void> {
    const args = [join(root, 'bin/smx.js'), 'run', '--config', join(this.folder, 'smx.yaml')];
    this.process = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
    for (;;) {
      try {
        if ((await fetch(`http://127.0.0.1:${this.http}/health/ready`)).status === 200) return;
      } catch {
        // not listening yet
      }
      await pause(10);
    }
  }

  async kill(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const running = this.process;
    if (running === undefined) return;
    const ended = new Promise<void>((resolve) => running.once('exit', () => resolve()));
    running.kill(signal);
    await ended;
    this.process = undefined;
  }

  async ask<T>(path: string, how: { method?: string; body?: unknown } = {}): Promise<T> {
    const secret = join(this.folder, 'var/secret');
    const token = existsSync(secret) ? readFileSync(secret, 'utf8').trim() : '';
    const answer = await fetch(`http://127.0.0.1:${this.http}/api/v1/${path}`, {
      method: how.method ?? 'GET',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(how.body === undefined ? {} : { body: JSON.stringify(how.body) }),
    });
    return (await answer.json()) as T;
  }

  /** What the battery does, W; undefined where the core does not answer. */
  async power(): Promise<number | undefined> {
    try {
      return (await this.ask<{ value: number }>('points/battery/power')).value;
    } catch {
      return undefined;
    }
  }

  /** Resolves with the monotonic time at which the battery does `watts`. */
  async until(watts: number): Promise<number> {
    while ((await this.power()) !== watts) await pause(10);
    return performance.now();
  }

  /** A controller of its own, logged in at the local broker. */
  async controller(name: string): Promise<MqttClient> {
    const { token } = await this.ask<{ token: string }>('tokens', { method: 'POST', body: { role: 'ctl', name } });
    const client = await quickClient(this.broker, { username: name, password: token });
    await client.subscribeAsync(`smx/1/bench/${name}/rsp`);
    return client;
  }

  async dispose(): Promise<void> {
    await this.kill('SIGTERM');
    rmSync(this.folder, { recursive: true, force: true });
  }
}
