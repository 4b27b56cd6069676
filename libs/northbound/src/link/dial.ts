import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import { createWebSocketStream, WebSocket } from 'ws';
import type { Phase } from './fault.js';
import type { LinkAccess } from './link-options.js';

const PORTS: Readonly<Record<string, number>> = { 'mqtt:': 1883, 'mqtts:': 8883, 'ws:': 80, 'wss:': 443 };

/** A stream to a broker that is being opened. */
export interface Dialled {
  readonly stream: Duplex;
  /** How far it has come. */
  phase(): Phase;
}

function tlsOptions(access: LinkAccess): ConnectionOptions {
  const { ca, cert, key } = access;
  return {
    minVersion: 'TLSv1.2',
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  };
}

/**
 * Opens the way to a broker, with TCP_NODELAY: otherwise a command takes tens of ms more. Throws what is wrong with
 * the PEM texts; all else comes as the stream's `error`.
 */
export function dial(url: string, access: LinkAccess): Dialled {
  const { protocol, hostname, port } = new URL(url);
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  const secure = protocol === 'mqtts:' || protocol === 'wss:';
  let phase: Phase = isIP(host) === 0 ? 'dns' : 'tcp';
  const to = { host, port: port === '' ? PORTS[protocol]! : Number(port) };
  const socket: Socket = secure
    ? connectTls({ ...tlsOptions(access), ...to, ...(isIP(host) === 0 ? { servername: host } : {}) })
    : connectTcp(to);
  socket.once('lookup', (error: Error | null) => {
    if (error === null) phase = 'tcp';
  });
  socket.once('connect', () => {
    socket.setNoDelay(true);
    phase = secure ? 'tls' : 'mqtt';
  });
  socket.once('secureConnect', () => (phase = 'mqtt'));
  const stream = protocol.startsWith('ws') ? webSocketOver(socket, url) : socket;
  return { stream, phase: () => phase };
}

/** MQTT in a WebSocket on a connection that is being opened. */
function webSocketOver(socket: Socket, url: string): Duplex {
  const agent = url.startsWith('wss:') ? new HttpsAgent() : new HttpAgent();
  const ws = new WebSocket(url, ['mqtt'], {
    agent: Object.assign(agent, { createConnection: () => socket }),
    perMessageDeflate: false,
  });
  return createWebSocketStream(ws);
}
