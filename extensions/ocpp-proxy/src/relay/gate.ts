import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';
import type { RelaySettings, StationSettings } from '../settings.js';
import { isOfStation } from '../tls/station-certificate.js';
import type { Refusal } from './refusal.js';
import { askedFor } from './target.js';
import { UpgradePace } from './upgrade-pace.js';
import type { Handshake } from './wire.js';

/** Upgrades that wait for their back ends at one time. */
const MOST_PENDING = 30;
const KEY = /^[+/0-9A-Za-z]{22}==$/;

export type Admission =
  | { readonly handshake: Handshake; readonly station: StationSettings }
  | { readonly refusal: Refusal; readonly why: string; readonly identity?: string };

/** Who may dial in, asked before anything else is done for a request. */
export class Gate {
  private readonly pace: UpgradePace;
  pending = 0;

  constructor(
    private readonly settings: RelaySettings,
    /** Whether one more identity finds room. */
    private readonly hasRoomFor: (identity: string) => boolean,
  ) {
    this.pace = new UpgradePace(settings.upgradesPerMinute);
  }

  admit(request: IncomingMessage, now: number): Admission {
    const asked = askedFor(request.url ?? '', this.settings.listen.path);
    const station = asked && this.settings.stationOf(asked.identity);
    if (asked === undefined || station === undefined)
      return { refusal: { status: 404 }, why: 'no such charge point', ...(asked && { identity: asked.identity }) };
    const refuse = (status: number, why: string, headers?: Refusal['headers']): Admission => ({
      refusal: { status, ...(headers && { headers }) },
      why,
      identity: asked.identity,
    });
    if (!this.isOfStation(request, asked.identity)) return refuse(403, 'its certificate is of another charge point');
    const remoteAddress = request.socket.remoteAddress ?? '';
    if (!this.pace.admits(remoteAddress, now)) return refuse(429, 'too many tries', { 'retry-after': '60' });
    if (!isUpgrade(request)) return refuse(400, 'no WebSocket upgrade', { 'sec-websocket-version': '13' });
    if (this.pending >= MOST_PENDING) return refuse(503, 'too many at one time', { 'retry-after': '10' });
    if (!this.hasRoomFor(asked.identity)) return refuse(503, 'as many charge points as are allowed');
    const { authorization, 'user-agent': userAgent, 'sec-websocket-protocol': offer } = request.headers;
    const protocols = offer === undefined ? [] : offer.split(',').map((protocol) => protocol.trim());
    return { station, handshake: { ...asked, protocols, authorization, userAgent, remoteAddress } };
  }

  private isOfStation({ socket }: IncomingMessage, identity: string): boolean {
    if (!this.settings.asksCertificates) return true;
    return socket instanceof TLSSocket && socket.authorized && isOfStation(socket.getPeerCertificate(), identity);
  }
}

const isUpgrade = ({ method, headers }: IncomingMessage): boolean =>
  method === 'GET' &&
  headers.upgrade?.toLowerCase() === 'websocket' &&
  KEY.test(headers['sec-websocket-key'] ?? '') &&
  ['13', '8'].includes(headers['sec-websocket-version'] ?? '');
