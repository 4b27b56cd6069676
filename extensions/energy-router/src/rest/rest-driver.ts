import { describeError, isSmxError, SmxError } from '@smx-edge/model';
import type { Capabilities, DriverSink, DriverState, RouterDriver, Told } from '../driver.js';
import { capabilitiesOf, numberOf, toldOf } from '../map/mapped.js';
import type { HttpClient } from './http-client.js';
import { bodyWith, pointedAt } from './json-pointer.js';
import type { ResourceEntry, ResourceMap } from './resource-map.js';

export interface RestDriverOptions {
  readonly map: ResourceMap;
  readonly client: Pick<HttpClient, 'ask'>;
  /** Runs `fn` at once and then each interval, one after the other. */
  readonly poll: (fn: () => Promise<void>) => void;
}

const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?$/;
const PAGE = /^\s*</;

/** An Energy Router whose resources a map declares. */
export class RestDriver implements RouterDriver {
  readonly capabilities: Capabilities;
  state: DriverState = { isOpen: false, isUp: false, text: 'connecting to the router' };
  /** What is read of each path. */
  private readonly resources: ReadonlyMap<string, readonly ResourceEntry[]>;

  constructor(private readonly o: RestDriverOptions) {
    this.capabilities = capabilitiesOf(
      o.map,
      o.map.entries.filter(({ read }) => read !== undefined),
    );
    const resources = new Map<string, ResourceEntry[]>();
    for (const entry of o.map.entries)
      if (entry.read !== undefined) resources.set(entry.read.path, [...(resources.get(entry.read.path) ?? []), entry]);
    this.resources = resources;
  }

  connect(sink: DriverSink): void {
    this.o.poll(() => this.look(sink));
  }

  async write(path: string, value: number | string): Promise<void> {
    const { map, client } = this.o;
    const entry = map.entries.find(({ name, write }) => name === path && write !== undefined);
    if (entry?.write === undefined) throw new SmxError('SMX_ROUTER_VALUE', `The map has no set-point ${path}`);
    const { method, path: resource, pointer } = entry.write;
    const body = bodyWith(numberOf(entry, value, map.modes), pointer);
    await client.ask({ method, path: resource, body });
  }

  private async look(sink: DriverSink): Promise<void> {
    let isUp = false;
    let text: string | undefined;
    for (const [path, entries] of this.resources) {
      try {
        const body = bodyOf(await this.o.client.ask({ method: 'GET', path }), path);
        const told = entries.map((entry) => this.toldBy(entry, body));
        isUp ||= told.some(({ value }) => value !== null);
        text ??= told.map(troubleOf).find((trouble) => trouble !== undefined);
        sink.tell(told);
      } catch (error) {
        text = isSmxError(error) ? error.message : describeError(error);
      }
    }
    this.state = { isOpen: isUp, isUp, ...(text !== undefined && { text }) };
  }

  private toldBy(entry: ResourceEntry, body: unknown): Told {
    const { path, pointer } = entry.read!;
    const found = pointedAt(body, pointer);
    if (found === undefined) return { path: entry.name, value: null, reason: `there is no ${pointer} in ${path}` };
    const number = typeof found === 'string' && DECIMAL.test(found) ? Number(found) : found;
    return toldOf(entry, typeof number === 'number' && Number.isFinite(number) ? number : NaN, this.o.map.modes);
  }
}

const troubleOf = ({ path, value, reason }: Told): string | undefined =>
  value === null ? `${path}: ${reason ?? 'no value'}; check the map` : undefined;

/** The JSON of an answer. Throws SMX_ROUTER_ANSWER for a page and the like. */
function bodyOf(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const what = PAGE.test(text) ? 'a web page, not JSON: check the path in the map, and the login' : 'what is no JSON';
    throw new SmxError('SMX_ROUTER_ANSWER', `${path} answers with ${what}`, { cause });
  }
}
