import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';

export interface Got {
  readonly data: Buffer;
  readonly isBinary: boolean;
}

/** One end of a connection that notes what comes. */
export class Peer {
  readonly got: Got[] = [];
  readonly pings: Buffer[] = [];
  readonly pongs: Buffer[] = [];
  /** How it ended; undefined while it is open. */
  end: { readonly code: number; readonly reason: string } | undefined;

  constructor(
    readonly ws: WebSocket,
    readonly socket: Duplex,
  ) {
    ws.on('message', (data, isBinary) => this.got.push({ data: data as Buffer, isBinary }));
    ws.on('ping', (data) => this.pings.push(data));
    ws.on('pong', (data) => this.pongs.push(data));
    ws.on('error', () => {});
    ws.on('close', (code, reason) => (this.end = { code, reason: reason.toString() }));
  }

  /** Texts that came, oldest first. */
  get texts(): string[] {
    return this.got.map(({ data }) => data.toString());
  }
}
