import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a logger says to a path: a body, a status, or whatever it does to the response itself. */
export type Script = string | Uint8Array | number | ((response: ServerResponse) => void);

/** A web server that answers by script, for what no real logger can be made to do. */
export class ScriptedLogger {
  /** Paths and queries in the order in which they were asked. */
  readonly asked: string[] = [];
  /** Most requests that were open at one time. */
  busiest = 0;
  private open = 0;
  private readonly server: Server;

  /** By name of the call, as `GetInverterInfo.cgi`, or by all of the path and query; the longer goes first. What has none is 404. */
  constructor(readonly scripts: Record<string, Script>) {
    this.server = createServer((request, response) => {
      const url = request.url ?? '/';
      this.asked.push(url);
      this.busiest = Math.max(this.busiest, ++this.open);
      response.on('close', () => this.open--);
      this.answer(url, response);
    });
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private answer(url: string, response: ServerResponse): void {
    const key = Object.keys(this.scripts)
      .filter((each) => url.includes(each))
      .sort((a, b) => b.length - a.length)[0];
    const script = key === undefined ? 404 : this.scripts[key]!;
    if (typeof script === 'function') script(response);
    else if (typeof script === 'number')
      response.writeHead(script, { 'content-type': 'text/html' }).end('<html></html>');
    else response.writeHead(200, { 'content-type': 'text/plain' }).end(script);
  }
}

export const VERSION = JSON.stringify({ APIVersion: 1, BaseURL: '/solar_api/v1/', CompatibilityRange: '1.8-8' });

/** A body as a logger frames it. */
export function bodyOf(data: unknown, status = 0): string {
  return JSON.stringify({ Head: { Status: { Code: status, Reason: '' } }, Body: { Data: data } });
}
