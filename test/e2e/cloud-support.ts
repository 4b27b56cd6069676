import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { until } from './smxcore-support.js';

const GESSCON = join(__dirname, '../../bin/gesscon.js');

interface Stage {
  readonly slot: number | null;
  readonly state: string;
  readonly value?: number;
}

export interface Order {
  readonly id: string;
  readonly state: string;
  readonly outcome: string | null;
  readonly sent: number;
  /** Why it does not go out now. */
  readonly waits: string | null;
  readonly stages: readonly Stage[];
}

/** A worker of the cloud controller as a process. */
export class Cloud {
  private out = '';
  private readonly gone: Promise<unknown>;

  constructor(private readonly child: ChildProcess) {
    child.stdout!.setEncoding('utf8').on('data', (text: string) => (this.out += text));
    this.gone = new Promise((done) => child.once('exit', done));
  }

  static async start(config: string): Promise<Cloud> {
    const args = [GESSCON, 'run', '--config', config];
    const cloud = new Cloud(spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] }));
    await until(() => cloud.out.includes('connected to the broker'));
    return cloud;
  }

  async ask(path: string, body?: object, method = body === undefined ? 'GET' : 'POST'): Promise<Response> {
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(this.out)![0];
    return fetch(`${url}/api/v1/${path}`, {
      method,
      headers: { authorization: 'Bearer secret', ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    });
  }

  async order(id: string): Promise<Order> {
    return (await (await this.ask(`sites/k3f9/commands/${id}`)).json()) as Order;
  }

  reached(id: string, state: string): Promise<Order> {
    return until(async () => {
      const order = await this.order(id);
      return order.state === state || order.outcome === state ? order : undefined;
    });
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.gone;
  }
}
