import { mappingOf } from './mapping.js';
import type { ConfigPath, Fault } from './problem.js';
import type { RawConfig } from './schema.js';

type Config = Readonly<Record<string, unknown>>;

interface Door {
  readonly host: string;
  readonly port: number;
}

/** Something of this box that listens, and where the config says so. */
interface Listening extends Door {
  readonly what: string;
}

const ADDRESS = 'an address like ws://0.0.0.0:9000/ocpp';
const LOOPBACK: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];
const ANY: readonly string[] = ['0.0.0.0', '[::]'];
const PORTS: Readonly<Record<string, number>> = { 'ws:': 80, 'wss:': 443 };

/** Undefined for what is none; what is no text, or of another scheme, the schema of the extension tells. */
function doorOf(address: unknown): Door | undefined {
  if (typeof address !== 'string' || !URL.canParse(address)) return undefined;
  const { protocol, hostname, port } = new URL(address);
  return { host: hostname, port: port === '' ? (PORTS[protocol] ?? 0) : Number(port) };
}

const sameHost = (one: string, other: string): boolean => one === other || (LOOPBACK.includes(one) && LOOPBACK.includes(other)); // prettier-ignore

/** Whether both cannot listen at one time. */
const isTaken = (one: Door, other: Door): boolean =>
  one.port !== 0 && one.port === other.port && (sameHost(one.host, other.host) || ANY.includes(one.host) || ANY.includes(other.host)); // prettier-ignore

/** Whether who dials `dialled` gets to `door`, as far as their addresses tell. */
const leadsTo = (dialled: Door, door: Door): boolean =>
  door.port !== 0 && dialled.port === door.port && (sameHost(dialled.host, door.host) || (ANY.includes(door.host) && LOOPBACK.includes(dialled.host))); // prettier-ignore

const invalid = (path: ConfigPath, wrong: string, expected: string): Fault => ({ code: 'SMX_CONFIG_INVALID', path, wrong, expected }); // prettier-ignore

/** What the box itself listens at. */
function doorsOfBox({ http, broker }: RawConfig): Listening[] {
  const doors = [{ what: 'http', section: http, port: 8080 }, { what: 'broker', section: broker, port: 1883 }]; // prettier-ignore
  return doors.flatMap(({ what, section, port }) =>
    section === null ? [] : [{ what, host: section?.host ?? '127.0.0.1', port: section?.port ?? port }],
  );
}

/** Every address that an instance dials, with its place below `config`. */
function dialledBy({ backend, stations, mirrors }: Config): { readonly key: ConfigPath; readonly address: unknown }[] {
  return [
    { key: ['backend'], address: backend },
    ...Object.entries(mappingOf(stations)).map(([id, station]) => ({
      key: ['stations', id, 'backend'],
      address: mappingOf(station)['backend'],
    })),
    ...(Array.isArray(mirrors) ? mirrors : []).map((mirror, i) => ({
      key: ['mirrors', i, 'url'],
      address: mappingOf(mirror)['url'],
    })),
  ];
}

/** Charge points of one instance whose outlets would have one name. */
function namesakes(at: ConfigPath, stations: Config): Fault[] {
  const owners = new Map<string, string>();
  return Object.entries(stations).flatMap(([id, station]) => {
    const { device, outlets } = mappingOf(station);
    const told = Object.entries(mappingOf(outlets)).map(([outlet, name]) => ({ key: ['outlets', outlet], name }));
    const first = mappingOf(outlets)['1'] === undefined ? [{ key: ['device'], name: device }] : [];
    return [...first, ...told].flatMap(({ key, name }) => {
      if (typeof name !== 'string') return [];
      const owner = owners.get(name);
      owners.set(name, owner ?? id);
      return owner === undefined ? [] : [invalid([...at, id, ...key], `the name ${name} is that of an outlet of ${owner} already`, 'another name: each outlet is a device of its own')]; // prettier-ignore
    });
  });
}

/** What would fail only once charge points dial: doors that another has, back ends that are this box itself, outlets of one name. */
export function ocppFaults(raw: RawConfig): Fault[] {
  const taken = doorsOfBox(raw);
  return Object.entries(raw.extensions ?? {}).flatMap(([name, section]) => {
    const instance = mappingOf(section);
    if (instance['use'] !== 'ocpp-proxy') return [];
    const at = ['extensions', name, 'config'];
    const config = mappingOf(instance['config']);
    const faults = namesakes([...at, 'stations'], mappingOf(config['stations']));
    for (const { key, address } of [{ key: ['listen'], address: config['listen'] }, ...dialledBy(config)])
      if (typeof address === 'string' && !URL.canParse(address)) faults.push(invalid([...at, ...key], `${JSON.stringify(address)} is no address`, ADDRESS)); // prettier-ignore
    const door = doorOf(config['listen']);
    if (door === undefined) return faults;
    const owner = taken.find((other) => isTaken(other, door));
    if (owner !== undefined) faults.push(invalid([...at, 'listen'], `port ${door.port} is that of ${owner.what} already`, 'a port of its own for each that listens')); // prettier-ignore
    taken.push({ what: `extensions.${name}`, ...door });
    for (const { key, address } of dialledBy(config)) {
      const dialled = doorOf(address);
      if (dialled !== undefined && leadsTo(dialled, door)) faults.push(invalid([...at, ...key], `${String(address)} is this instance itself, where charge points dial`, 'the address of the back end')); // prettier-ignore
    }
    return faults;
  });
}
