import type { ClientRequest, IncomingMessage } from 'node:http';
import { WebSocket, type ClientOptions } from 'ws';
import { Peer } from './peer.js';

export interface ChargePointPlan {
  /** Whole value of the header; undefined = none is offered. */
  readonly offer?: string;
  readonly authorization?: string;
  /** Raw path in place of that of the address. */
  readonly path?: string;
  readonly options?: ClientOptions;
}

export interface Refused {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** A charge point for tests that dialled in, or what it was refused with. */
export interface TestChargePoint {
  /** Undefined where it was refused. */
  readonly peer: Peer;
  /** As it was answered; undefined: none. */
  readonly protocol: string | undefined;
  readonly refused: Refused | undefined;
}

/** Dials `url` and resolves once it is answered, whatever the answer. Rejects where the network fails. */
export async function testChargePoint(url: string, plan: ChargePointPlan = {}): Promise<TestChargePoint> {
  const { offer, authorization, path } = plan;
  const ws = new WebSocket(url, [], {
    perMessageDeflate: false,
    skipUTF8Validation: true,
    ...plan.options,
    headers: {
      ...plan.options?.headers,
      ...(offer !== undefined && { 'Sec-WebSocket-Protocol': offer }),
      ...(authorization !== undefined && { Authorization: authorization }),
    },
    finishRequest: (request: ClientRequest) => {
      if (path !== undefined) request.path = path;
      request.end();
    },
  });
  let protocol: string | undefined;
  let peer: Peer;
  return new Promise((resolve, reject) => {
    ws.on('upgrade', (response) => {
      protocol = response.headers['sec-websocket-protocol'];
      delete response.headers['sec-websocket-protocol'];
      peer = new Peer(ws, response.socket);
    });
    ws.once('open', () => resolve({ peer, protocol, refused: undefined }));
    ws.on('error', reject);
    ws.on('unexpected-response', (_request, response) => {
      let body = '';
      response.on('data', (chunk: Buffer) => (body += chunk.toString()));
      response.on('end', () => {
        const refused = { status: response.statusCode!, headers: response.headers, body };
        resolve({ peer: undefined as unknown as Peer, protocol: undefined, refused });
      });
    });
  });
}
