import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Clock, Log } from '@smx-edge/model';
import type { House } from '../house/index.js';
import { FaultBook, listen, type Address, type Fault, type SiteDevice } from '../line/index.js';
import { InverterMeasures, type InverterTools } from '../sunspec-inverter/index.js';
import { answerTo } from './answer.js';
import type { SolarApiKind } from './bodies.js';
import { SOLAR_API_FAULTS, type SolarApiFault } from './solar-api-faults.js';

export interface SolarApiOptions {
  readonly address: Address;
  readonly kind: SolarApiKind;
  /** 0: a logger from before 2014. */
  readonly version: 0 | 1;
  readonly serial: string;
  /** Seed of its faults. Default 1. */
  readonly seed?: number;
  readonly faults?: readonly Fault<SolarApiFault>[];
}

const PAGE = (title: string): string =>
  `<!DOCTYPE html>\n<html lang="en"><head><title>${title}</title></head>\n<body><h1>${title}</h1></body></html>\n`;
const NOT_FOUND = PAGE('404 - Not Found');
const JSON_TYPE = 'application/json';

interface Said {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

/** The house's inverter as its web server tells of it. */
export class SolarApiPort implements SiteDevice {
  readonly faultRules = SOLAR_API_FAULTS;
  private readonly server: Server;
  private readonly faults: FaultBook<SolarApiFault>;
  private readonly measures: InverterMeasures;
  private readonly house: House;
  private readonly clock: Clock;
  private readonly log: Log;
  private bound: Address;

  private constructor(
    private readonly o: SolarApiOptions,
    { house, clock, log }: InverterTools,
  ) {
    this.faults = new FaultBook(o.seed ?? 1, SOLAR_API_FAULTS);
    this.measures = new InverterMeasures(house);
    this.house = house;
    this.clock = clock;
    this.log = log;
    this.bound = o.address;
    this.server = createServer((request, response) => this.take(request, response));
    this.server.on('error', (error) => log.error('solar api', { error: error.message }));
  }

  /** Rejects SMX_SIMULATOR_ADDRESS, SMX_SIMULATOR_SETPOINT. */
  static async open(options: SolarApiOptions, tools: InverterTools): Promise<SolarApiPort> {
    const port = new SolarApiPort(options, tools);
    for (const fault of options.faults ?? []) port.setFault(fault);
    port.bound = await listen(port.server, options.address);
    return port;
  }

  get source(): string {
    return `http://${this.bound.host}:${this.bound.port}`;
  }

  get activeFaults(): Fault<SolarApiFault>[] {
    return this.faults.list;
  }

  /** Throws SMX_SIMULATOR_SETPOINT. */
  setFault(fault: Fault<SolarApiFault>): void {
    this.faults.set(fault);
  }

  clearFault(kind?: SolarApiFault): void {
    this.faults.clear(kind);
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    if (this.server.listening) await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  private take(request: IncomingMessage, response: ServerResponse): void {
    request.resume();
    const struck = this.faults.strike();
    if (struck.has('silence')) return;
    const said = this.answer(request.url ?? '/', struck);
    const send = (): void => {
      response.on('error', (error) => this.log.debug('solar api', { error: error.message }));
      response.writeHead(said.status, { 'content-type': said.type, 'content-length': Buffer.byteLength(said.text) });
      if (!struck.has('cut')) response.end(said.text);
      else response.write(said.text.slice(0, said.text.length >> 1), () => response.destroy());
    };
    const wait = struck.get('delay');
    if (wait === undefined) send();
    else this.clock.after(wait, send);
  }

  private answer(url: string, struck: ReadonlyMap<SolarApiFault, number>): Said {
    if (struck.has('html')) return { status: 200, type: 'text/html', text: PAGE('Fronius') };
    const { pathname, searchParams } = new URL(url, 'http://inverter');
    const { house, measures, o } = this;
    const t = house.t + (struck.get('clock') ?? 0);
    const source = { ...o, house, measures, t, isNight: measures.isDark || struck.has('night') };
    const options = { source, version: o.version, isLost: struck.has('lost'), isRenamed: struck.has('renamed') };
    const body = struck.has('off') ? undefined : answerTo(pathname, Object.fromEntries(searchParams), options);
    if (body === undefined) return { status: 404, type: 'text/html', text: NOT_FOUND };
    const text = JSON.stringify(body, null, 3);
    return { status: 200, type: o.kind === 'gen24' ? JSON_TYPE : 'text/javascript', text: struck.has('nul') ? `${text}\0\0` : text }; // prettier-ignore
  }
}
