import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { describeError } from '@smx-edge/model';
import { WebSocket, type ClientOptions } from 'ws';
import type { RelaySettings, StationSettings } from '../settings.js';
import { BackEnd } from './back-end.js';
import { backEndFault } from './back-end-fault.js';
import type { Dial, DialFailure, DialResult } from './far-side.js';
import { LEG_OPTIONS } from './leg.js';
import { PASSED_HEADERS } from './refusal.js';
import { targetOf } from './target.js';
import type { Handshake } from './wire.js';
import type { LinkFault } from './ws-link.js';

/** ms for the connection, TLS and the answer to the upgrade together. */
const DIAL_WITHIN = 10_000;
/** ms for what a back end says with a refusal. */
const BODY_WITHIN = 1_000;
/** Bytes of what a back end says with a refusal that are passed on. */
const LONGEST_BODY = 16 * 1024;

export interface DialOptions {
  readonly settings: RelaySettings;
  /** Certificates and trust towards back ends, as `tls.connect` takes them. */
  readonly tls: Pick<ClientOptions, 'ca' | 'cert' | 'key' | 'passphrase' | 'minVersion'>;
  readonly onFault: (handshake: Handshake, fault: LinkFault) => void;
}

/** Dials back ends as the charge points would: same path, offer of subprotocols and Authorization. */
export function dialer(o: DialOptions): Dial {
  return (handshake, signal) => {
    const station = o.settings.stationOf(handshake.identity);
    if (station === undefined) return Promise.resolve({ failure: { code: 'UNKNOWN', text: 'it is not configured' } });
    return new Promise<DialResult>((resolve) => new Dialling(o, { handshake, station, signal }, resolve)).catch(
      // what cannot be sent on, as a header with characters that none may have
      (error: unknown) => ({ failure: { code: 'UNFIT', text: describeError(error) } }),
    );
  };
}

interface Wanted {
  readonly handshake: Handshake;
  readonly station: StationSettings;
  readonly signal: AbortSignal | undefined;
}

/** One try at one back end. */
class Dialling {
  private readonly ws: WebSocket;
  private readonly timer: NodeJS.Timeout;
  private socket: Duplex | undefined;
  private protocol = '';
  private isSettled = false;

  constructor(
    private readonly o: DialOptions,
    private readonly wanted: Wanted,
    private readonly settle: (result: DialResult) => void,
  ) {
    const { origin, path } = targetOf(wanted.station, wanted.handshake);
    const options: ClientOptions & typeof LEG_OPTIONS = {
      ...o.tls,
      ...LEG_OPTIONS,
      headers: headersOf(wanted),
      perMessageDeflate: o.settings.compression,
      autoPong: o.settings.pings === 'hop',
      // the path of a URL is not the text that the charge point sent
      finishRequest: (request: ClientRequest) => {
        request.path = path;
        request.end();
      },
    };
    this.ws = new WebSocket(origin, [], options);
    this.timer = setTimeout(() => this.fail({ code: 'TIMEOUT', text: 'it did not answer in time' }), DIAL_WITHIN);
    wanted.signal?.addEventListener('abort', this.abort, { once: true });
    this.ws.on('upgrade', (response) => this.upgraded(response));
    this.ws.on('unexpected-response', (_request, response) => void this.refused(response));
    this.ws.on('error', this.errored);
    this.ws.once('open', () => this.opened());
    if (wanted.signal?.aborted) this.abort();
  }

  private readonly abort = (): void => this.fail({ code: 'ABORTED', text: 'the charge point went' });

  private readonly errored = (error: Error & { code?: string }): void =>
    this.fail({ code: error.code ?? error.name, text: this.textOf(error) });

  private textOf({ code = '', message }: Error & { code?: string }): string {
    const why = backEndFault(code);
    return why === undefined ? message : `${new URL(this.wanted.station.backend).host}: ${why}`;
  }

  /** `ws` takes no answer without a subprotocol where some were offered; a charge point may (OCPP-J 1.6 §3.2). */
  private upgraded(response: IncomingMessage): void {
    this.socket = response.socket;
    this.protocol = response.headers['sec-websocket-protocol'] ?? '';
    delete response.headers['sec-websocket-protocol'];
  }

  private opened(): void {
    const { settings, onFault } = this.o;
    const { handshake } = this.wanted;
    this.ws.off('error', this.errored);
    const passesPings = settings.pings === 'e2e';
    const farSide = new BackEnd(
      { ws: this.ws, socket: this.socket, protocol: this.protocol },
      {
        every: passesPings ? 0 : settings.pingBackEnd,
        needsPong: true,
        unlessItPings: true,
        passesPings,
        onFault: (fault) => onFault(handshake, fault),
      },
    );
    if (!this.done({ farSide })) this.ws.terminate();
  }

  private async refused(response: IncomingMessage): Promise<void> {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const finish = (): void => {
      const status = response.statusCode ?? 502;
      const headers = Object.fromEntries(
        PASSED_HEADERS.flatMap((name) => {
          const value = response.headers[name];
          return value === undefined ? [] : [[name, value]];
        }),
      );
      const body = Buffer.concat(chunks).subarray(0, LONGEST_BODY);
      this.fail({ status, headers, body, code: 'HTTP', text: `it refused with status ${status}` });
    };
    clearTimeout(this.timer);
    const late = setTimeout(() => response.destroy(), BODY_WITHIN);
    try {
      for await (const chunk of response) {
        chunks.push(chunk as Buffer);
        bytes += (chunk as Buffer).length;
        if (bytes >= LONGEST_BODY) break;
      }
    } catch {
      // what came of the body is passed on
    }
    clearTimeout(late);
    finish();
  }

  private fail(failure: DialFailure): void {
    if (!this.done({ failure })) return;
    // gives an error that nobody needs any more
    this.ws.on('error', () => {});
    this.ws.terminate();
  }

  private done(result: DialResult): boolean {
    if (this.isSettled) return false;
    this.isSettled = true;
    clearTimeout(this.timer);
    this.wanted.signal?.removeEventListener('abort', this.abort);
    this.settle(result);
    return true;
  }
}

function headersOf({ handshake, station }: Wanted): Record<string, string> {
  const { protocols, authorization, userAgent } = handshake;
  const offer = protocols.length === 0 && station.subprotocol !== undefined ? [station.subprotocol] : protocols;
  return {
    ...(offer.length > 0 && { 'Sec-WebSocket-Protocol': offer.join(', ') }),
    ...(authorization !== undefined && { Authorization: authorization }),
    ...(userAgent !== undefined && { 'User-Agent': userAgent }),
  };
}
