import { SmxError } from '@smx-edge/model';
import {
  API_VERSION_PATH,
  decodeApiVersion,
  decodeBody,
  encodeRequest,
  SOLAR_API_V0,
  type ApiVersion,
  type SolarApiBody,
  type SolarApiFault,
  type SolarApiRequest,
} from '@smx-edge/protocols/solar-api';
import { httpGet, type HttpAnswer } from './http-get.js';

export interface SolarApiOptions {
  /** `http://host[:port]`, perhaps with the path of a proxy behind it. */
  readonly base: string;
  /** ms for one request. */
  readonly timeout: number;
}

/** A logger that waited in vain for its inverter does so in one request of a hundred: how often one is made. */
const TRIES = 3;
/** What every logger answers, of whatever age: where it is not there the whole API is off. */
const ESSENTIAL: SolarApiRequest = { ask: 'inverter-info' };
const NOT_FOUND = 404;
const DENIED = [401, 403];

/** The Solar API of one host: one request at a time, of the version that the host has. */
export class SolarApi {
  private known: ApiVersion | undefined;
  private last: Promise<unknown> = Promise.resolve();
  private readonly closing = new AbortController();

  constructor(private readonly o: SolarApiOptions) {}

  /** Of the host, once it has answered; 0 for loggers from before 2014. */
  get version(): number | undefined {
    return this.known?.version;
  }

  /**
   * Asks once those before have been answered. Rejects with the code of what is wrong: SMX_TRANSPORT_CONNECT, SMX_TRANSPORT_IDLE,
   * SMX_SOLARAPI_PAGE where the API is off, SMX_SOLARAPI_UNSUPPORTED where only this request is not there, other SMX_SOLARAPI_….
   */
  ask(request: SolarApiRequest): Promise<SolarApiBody> {
    const answer = this.last.then(() => this.converse(request));
    this.last = answer.catch(() => undefined);
    return answer;
  }

  /** Gives up what is under way; nothing is asked any more. */
  close(): void {
    this.closing.abort();
  }

  private async converse(request: SolarApiRequest): Promise<SolarApiBody> {
    const version = (this.known ??= await this.findVersion());
    for (let left = TRIES - 1; ; left--) {
      const answer = await this.get(encodeRequest(version, request));
      if (answer.status === NOT_FOUND) throw await this.notFound(version, request);
      const body = decodeBody(answer.bytes);
      if (!('fault' in body)) return body;
      if (body.code === 'SMX_SOLARAPI_TIMEOUT' && left > 0) continue;
      throw this.faultOf(body, answer);
    }
  }

  private async findVersion(): Promise<ApiVersion> {
    const answer = await this.get(API_VERSION_PATH);
    if (answer.status !== NOT_FOUND) {
      const version = decodeApiVersion(answer.bytes);
      if ('fault' in version) throw this.faultOf(version, answer);
      return version;
    }
    const old = await this.get(encodeRequest(SOLAR_API_V0, ESSENTIAL));
    if (old.status === NOT_FOUND || 'fault' in decodeBody(old.bytes)) throw this.isOff();
    return SOLAR_API_V0;
  }

  private async get(path: string): Promise<HttpAnswer> {
    const { base, timeout } = this.o;
    const answer = await httpGet(`${base}${path}`, { timeout, signal: this.closing.signal });
    const { status, location } = answer;
    if (status >= 300 && status < 400) throw this.elsewhere(`sends on to ${location ?? 'another address'}`);
    if (DENIED.includes(status)) throw this.elsewhere(`denies access (HTTP ${status}), which a Solar API never does`);
    return answer;
  }

  private elsewhere(text: string): SmxError {
    this.known = undefined;
    return new SmxError(
      'SMX_SOLARAPI_PAGE',
      `${this.o.base} ${text}: give the address of the inverter itself in \`api\``,
    );
  }

  private async notFound(version: ApiVersion, { ask }: SolarApiRequest): Promise<SmxError> {
    const isHere = ask !== ESSENTIAL.ask && (await this.get(encodeRequest(version, ESSENTIAL))).status !== NOT_FOUND;
    if (isHere) return new SmxError('SMX_SOLARAPI_UNSUPPORTED', `The device knows no request for ${ask}`);
    this.known = undefined;
    return this.isOff();
  }

  private isOff(): SmxError {
    const text = `${this.o.base} has no Solar API: switch it on in the inverter's own page (Communication, Solar API), or check the address in \`api\``;
    return new SmxError('SMX_SOLARAPI_PAGE', text);
  }

  private faultOf({ code, fault }: SolarApiFault, { status }: HttpAnswer): SmxError {
    // another host may stand there by now
    if (code === 'SMX_SOLARAPI_PAGE') this.known = undefined;
    const http = status >= 200 && status < 300 ? '' : ` (HTTP ${status})`;
    return new SmxError(code, `${this.o.base}: ${fault}${http}`);
  }
}

/** The base of a Solar API, however much of its address is given. Throws SMX_CONFIG_INVALID. */
export function baseOf(api: string): string {
  const url = URL.canParse(api) ? new URL(api) : undefined;
  if (url?.protocol !== 'http:' || url.username !== '' || url.search !== '')
    throw new SmxError('SMX_CONFIG_INVALID', `"${api}" is no address of a Solar API`, {
      details: [{ path: 'api', expected: 'the address of the inverter as http://192.0.2.10' }],
    });
  return `${url.origin}${url.pathname.replace(/\/solar_api(\/.*)?$/, '').replace(/\/+$/, '')}`;
}
