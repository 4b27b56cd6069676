import { nearest, SmxError } from '@smx-edge/model';
import { SourceQuery } from './source-query.js';
import { parseMode } from './serial-mode.js';

interface TlsFiles {
  /** Paths of PEM files. */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly servername?: string;
  readonly insecure: boolean;
}

export interface SerialSource {
  readonly kind: 'serial';
  readonly path: string;
  /** Absent where the source does not say: a reader may then look for it. */
  readonly baud?: number;
  readonly mode?: string;
}
export interface TcpSource {
  readonly kind: 'tcp' | 'tcp-listen';
  readonly host: string;
  readonly port: number;
}
export interface TlsSource extends TlsFiles {
  readonly kind: 'tls';
  readonly host: string;
  readonly port: number;
}
export interface UdpSource {
  readonly kind: 'udp';
  /** Local address to bind, or the multicast group to join. */
  readonly host: string;
  readonly port: number;
  /** Local address of the interface on which the group is joined. */
  readonly interface?: string;
}
export interface WebSocketSource extends TlsFiles {
  readonly kind: 'ws';
  readonly url: string;
}
export interface HttpSource extends TlsFiles {
  readonly kind: 'http';
  readonly url: string;
  /** Ms from poll to poll. */
  readonly every: number;
}
export interface FileSource {
  readonly kind: 'file';
  readonly path: string;
  /** Factor on the recorded time; 0 = as fast as the reader takes it. */
  readonly speed: number;
  /** Bytes per second of a raw file are baud / 10. */
  readonly baud: number;
  readonly loop: boolean;
}
/** Kinds that are no byte lines: parsed here so that a check can say what is wrong with them. */
export interface MqttSource extends TlsFiles {
  readonly kind: 'mqtt';
  readonly host: string;
  readonly port: number;
  /** `mqtts://`: over TLS. */
  readonly secure: boolean;
  readonly user?: string;
  readonly password?: string;
}
export interface ModbusSource {
  readonly kind: 'modbus';
  readonly host: string;
  readonly port: number;
}
export interface ModbusRtuSource {
  readonly kind: 'modbus-rtu';
  readonly path: string;
  readonly baud?: number;
  readonly mode?: string;
}

export type Source = (
  | SerialSource
  | TcpSource
  | TlsSource
  | UdpSource
  | WebSocketSource
  | HttpSource
  | FileSource
  | MqttSource
  | ModbusSource
  | ModbusRtuSource
) & {
  /** The source without user, password and query, fit for a log. */
  readonly label: string;
};

export const SOURCE_FORMS =
  'serial:/dev/ttyUSB0?baud=115200&mode=8N1, tcp://host:port, tcp-listen://host:port, tls://host:port, udp://host:port, ws://host/path, http://host/path?every=10s, file:PATH?speed=1, mqtt://user:password@host:port, modbus://host:port or modbus+rtu:/dev/ttyUSB0';

const SCHEMES = 'serial tcp tcp-listen tls udp ws wss http https file mqtt mqtts modbus modbus+rtu'.split(' ');

function fail(text: string, expected: string, cause?: unknown): SmxError {
  const shown = text.replace(/\/\/[^/@?#]*@/, '//');
  return new SmxError('SMX_TRANSPORT_SOURCE', `"${shown}" is not a usable source: expected ${expected}`, {
    cause,
    details: [{ path: 'source', expected }],
  });
}

/** WHATWG parsing treats unknown schemes loosely, so host and port are read from an http-like twin. */
function parseUrl(text: string, form: string): URL {
  try {
    return new URL(text.replace(/^[a-z+-]+:\/\//, 'http://'));
  } catch (error) {
    throw fail(text, form, error);
  }
}

function hostPort(text: string, form: string, standard?: number): { host: string; port: number; url: URL } {
  const url = parseUrl(text, form);
  if (url.pathname !== '/' && url.pathname !== '') throw fail(text, `${form}, without a path`);
  // the twin's default port is not ours, so the port is read from the text
  const authority = /^[a-z+-]+:\/\/(?:[^/?#@]*@)?([^/?#]*)/i.exec(text)?.[1] ?? '';
  const written = /:(\d+)$/.exec(authority)?.[1];
  const port = written === undefined ? standard : Number(written);
  if (port === undefined) throw fail(text, `${form}, with a port of 1 to 65535`);
  return { host: url.hostname.replace(/^\[|\]$/g, ''), port, url };
}

function tlsFiles(query: SourceQuery): TlsFiles {
  const text = (name: 'ca' | 'cert' | 'key' | 'servername'): Record<string, string> => {
    const value = query.take(name);
    return value === undefined ? {} : { [name]: value };
  };
  return {
    ...text('ca'),
    ...text('cert'),
    ...text('key'),
    ...text('servername'),
    insecure: query.flag('insecure'),
  };
}

/** The URL without what is ours, and a label without credentials. */
function webUrl(text: string, scheme: string, query: SourceQuery): { url: string; label: string } {
  const url = new URL(text.replace(/^[a-z]+:\/\//i, `${scheme}://`));
  url.search = query.rest();
  url.hash = '';
  const label = `${scheme}://${url.host}${url.pathname}`;
  return { url: url.href, label };
}

function serialPart(text: string, scheme: string): { path: string; query: SourceQuery; label: string } {
  const body = text.slice(scheme.length + 1).replace(/^\/\/(?=\/)/, '');
  const cut = body.indexOf('?');
  const path = decodePath(text, cut < 0 ? body : body.slice(0, cut));
  if (!path.startsWith('/'))
    throw fail(text, `an absolute path of a device, as in ${scheme}:/dev/ttyUSB0?baud=115200&mode=8N1`);
  return { path, query: new SourceQuery(text, cut < 0 ? '' : body.slice(cut + 1)), label: `${scheme}:${path}` };
}

function serialSettings(text: string, query: SourceQuery): { baud?: number; mode?: string } {
  const baud = query.number('baud', { min: 50, max: 4_000_000, integer: true });
  const mode = query.take('mode')?.toUpperCase();
  if (mode !== undefined && parseMode(mode) === undefined)
    throw fail(text, 'mode as data bits 5-8, parity N, E or O, stop bits 1 or 2, e.g. 8N1 or 7E1');
  return { ...(baud === undefined ? {} : { baud }), ...(mode === undefined ? {} : { mode }) };
}

function decodePath(text: string, path: string): string {
  try {
    const decoded = decodeURIComponent(path);
    if (decoded.includes('\0')) throw fail(text, 'a path without NUL');
    return decoded;
  } catch (error) {
    throw error instanceof SmxError ? error : fail(text, 'a path in which % starts two hex digits', error);
  }
}

function parseFile(text: string): Source {
  const body = text.slice('file:'.length).replace(/^\/\/(?=\/)/, '');
  const cut = body.indexOf('?');
  const path = decodePath(text, cut < 0 ? body : body.slice(0, cut));
  if (path === '') throw fail(text, 'file:PATH?speed=1');
  const query = new SourceQuery(text, cut < 0 ? '' : body.slice(cut + 1));
  const speed = query.take('speed');
  const factor = speed === undefined ? 1 : speed === 'max' ? 0 : Number(speed);
  if (speed?.trim() === '' || !Number.isFinite(factor) || factor < 0)
    throw fail(text, 'speed as a number not below 0, or max');
  const baud = query.number('baud', { min: 50, max: 4_000_000, integer: true }) ?? 115_200;
  const loop = query.flag('loop');
  query.end(['speed', 'baud', 'loop']);
  return { kind: 'file', path, speed: factor, baud, loop, label: `file:${path}` };
}

function parseHostPort(text: string, scheme: string): Source {
  const form = `${scheme}://host:port`;
  const { host, port, url } = hostPort(text, form, scheme === 'modbus' ? 502 : undefined);
  const query = new SourceQuery(text, url.search.slice(1));
  const shown = host.includes(':') ? `[${host}]` : host;
  const label = `${scheme}://${shown}:${port}`;
  // port 0 lets the system choose, which only a listener can tell of
  if (port === 0 && scheme !== 'tcp-listen') throw fail(text, `${form}, with a port of 1 to 65535`);
  if (scheme === 'tls') {
    const files = tlsFiles(query);
    query.end(['ca', 'cert', 'key', 'servername', 'insecure']);
    return { kind: 'tls', host, port, label, ...files };
  }
  if (scheme === 'udp') {
    const join = query.take('interface');
    query.end(['interface']);
    return { kind: 'udp', host, port, label, ...(join === undefined ? {} : { interface: join }) };
  }
  query.end([]);
  return { kind: scheme as 'tcp' | 'tcp-listen' | 'modbus', host, port, label };
}

function parseMqtt(text: string, scheme: 'mqtt' | 'mqtts'): Source {
  const form = `${scheme}://user:password@host:port`;
  const secure = scheme === 'mqtts';
  const { host, port, url } = hostPort(text, form, secure ? 8883 : 1883);
  if (port === 0) throw fail(text, `${form}, with a port of 1 to 65535`);
  const query = new SourceQuery(text, url.search.slice(1));
  const files = secure ? tlsFiles(query) : { insecure: false };
  query.end(secure ? ['ca', 'cert', 'key', 'servername', 'insecure'] : []);
  const label = `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`;
  const user = url.username === '' ? {} : { user: decodePart(text, url.username) };
  const password = url.password === '' ? {} : { password: decodePart(text, url.password) };
  return { kind: 'mqtt', host, port, secure, label, ...user, ...password, ...files };
}

function decodePart(text: string, part: string): string {
  try {
    return decodeURIComponent(part);
  } catch (error) {
    throw fail(text, 'a user and password in which % starts two hex digits', error);
  }
}

function parseWeb(text: string, scheme: string): Source {
  const url = parseUrl(text, `${scheme}://host/path`);
  const query = new SourceQuery(text, url.search.slice(1));
  const every = scheme.startsWith('http') ? (query.duration('every') ?? 10_000) : undefined;
  if (every !== undefined && every < 100) throw fail(text, 'every of at least 100ms');
  const files = tlsFiles(query);
  const web = webUrl(text, scheme, query);
  return every === undefined ? { kind: 'ws', ...web, ...files } : { kind: 'http', every, ...web, ...files };
}

/**
 * What a `source` of a config says. Known parameters are taken from the query; what is left over belongs to the server
 * of a ws or http source and is an error elsewhere. Throws SMX_TRANSPORT_SOURCE saying what was expected.
 */
export function parseSource(text: string): Source {
  // one spelling only: permissions of extensions are looked up by it
  const scheme = /^([a-z][a-z0-9+-]*):/.exec(text)?.[1];
  if (text.length > 2048) throw fail(`${text.slice(0, 40)}…`, 'at most 2048 characters');
  switch (scheme) {
    case 'serial': {
      const { path, query, label } = serialPart(text, scheme);
      const settings = serialSettings(text, query);
      query.end(['baud', 'mode']);
      return { kind: 'serial', path, label, ...settings };
    }
    case 'modbus+rtu': {
      const { path, query, label } = serialPart(text, scheme);
      const settings = serialSettings(text, query);
      query.end(['baud', 'mode']);
      return { kind: 'modbus-rtu', path, label, ...settings };
    }
    case 'file':
      return parseFile(text);
    case 'tcp':
    case 'tcp-listen':
    case 'tls':
    case 'udp':
    case 'modbus':
      return parseHostPort(text, scheme);
    case 'ws':
    case 'wss':
    case 'http':
    case 'https':
      return parseWeb(text, scheme);
    case 'mqtt':
    case 'mqtts':
      return parseMqtt(text, scheme);
    default: {
      const meant = scheme === undefined ? undefined : nearest(scheme, SCHEMES);
      throw fail(text, `${meant === undefined ? '' : `(did you mean "${meant}"?) `}one of ${SOURCE_FORMS}`);
    }
  }
}
