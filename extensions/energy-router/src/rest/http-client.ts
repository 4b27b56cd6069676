import * as http from 'node:http';
import * as https from 'node:https';
import { describeError, SmxError } from '@smx-edge/model';

export interface HttpClientOptions {
  /** Base URL, perhaps with user and password; paths of requests count from its origin. */
  readonly url: string;
  /** The certificate of the server is not checked. */
  readonly insecure: boolean;
  /** PEM of the authority that signed it. */
  readonly ca?: string;
}

export interface HttpRequest {
  readonly method: 'GET' | 'PUT' | 'POST' | 'PATCH';
  readonly path: string;
  /** Sent as JSON. */
  readonly body?: unknown;
}

/** From the request to the last byte of its answer, ms. */
const TIMEOUT = 5000;
/** No router of a house says more, bytes. */
const LARGEST = 1024 * 1024;
const ADVICE = 'check host and port in source, and that the router is on';

/** One server, asked one thing at a time; every request settles within its time. */
export class HttpClient {
  private readonly base: URL;
  private readonly login: string | undefined;
  private readonly agent: http.Agent | https.Agent;
  private turn: Promise<unknown> = Promise.resolve();

  constructor(private readonly o: HttpClientOptions) {
    this.base = new URL(o.url);
    const { username, password } = this.base;
    this.login = username === '' ? undefined : `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
    const kind = this.isSecure ? https : http;
    // small servers have few connections, and a new one for each request costs them time
    this.agent = new kind.Agent({ keepAlive: true, maxSockets: 1 });
  }

  /** The body of the answer. Rejects SMX_TRANSPORT_CONNECT where none comes, SMX_ROUTER_ANSWER where it is a refusal. */
  async ask(request: HttpRequest): Promise<string> {
    const mine = this.turn.then(() => this.exchange(request));
    this.turn = mine.catch(() => undefined);
    return mine;
  }

  close(): void {
    this.agent.destroy();
  }

  private get isSecure(): boolean {
    return this.base.protocol === 'https:';
  }

  private exchange(request: HttpRequest): Promise<string> {
    return new Promise((resolve, reject) => {
      const { method, path, body } = request;
      const text = body === undefined ? undefined : JSON.stringify(body);
      const url = new URL(path, this.base);
      const { ca, insecure } = this.o;
      const sent = (this.isSecure ? https : http).request(url, {
        method,
        agent: this.agent,
        ...(this.login !== undefined && { auth: this.login }),
        ...(this.isSecure && { rejectUnauthorized: !insecure, ...(ca !== undefined && { ca }) }),
        headers: {
          accept: 'application/json',
          ...(text !== undefined && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
        },
      });
      const place = `${method} ${url.origin}${url.pathname}`;
      const late = setTimeout(
        () => sent.destroy(lost(`${place}: no whole answer within ${TIMEOUT / 1000} s; ${ADVICE}`)),
        TIMEOUT,
      );
      const fail = (error: Error): void => {
        clearTimeout(late);
        reject(error instanceof SmxError ? error : lost(`${place}: ${describeError(error)}; ${ADVICE}`, error));
      };
      sent.on('error', fail);
      sent.on('response', (response) => {
        const parts: Buffer[] = [];
        let size = 0;
        response.on('error', fail);
        response.on('close', () => {
          if (!response.complete) fail(lost(`${place}: the answer broke off`));
        });
        response.on('data', (part: Buffer) => {
          parts.push(part);
          if ((size += part.length) > LARGEST) sent.destroy(answer(`${place}: the answer is larger than ${LARGEST} bytes`)); // prettier-ignore
        });
        response.on('end', () => {
          clearTimeout(late);
          const refusal = refusalOf(response);
          if (refusal === undefined) resolve(Buffer.concat(parts, size).toString('utf8'));
          else reject(answer(`${place}: ${refusal}`));
        });
      });
      sent.end(text);
    });
  }
}

const lost = (text: string, cause?: unknown): SmxError => new SmxError('SMX_TRANSPORT_CONNECT', text, { cause });
const answer = (text: string): SmxError => new SmxError('SMX_ROUTER_ANSWER', text);

function refusalOf({ statusCode = 0, headers }: http.IncomingMessage): string | undefined {
  if (statusCode >= 200 && statusCode <= 299) return undefined;
  if (statusCode >= 300 && statusCode <= 399)
    return `it is at ${headers.location ?? 'another place'} now (${statusCode}); name that in source or map`;
  if (statusCode === 401 || statusCode === 403) return `the router refuses the login (${statusCode}); check user and password in source`; // prettier-ignore
  return statusCode === 404 ? 'there is no such resource (404); check the map' : `the router answers ${statusCode}`;
}
