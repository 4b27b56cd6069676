import { request as plainRequest, type IncomingMessage } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { rootCertificates } from 'node:tls';
import { SmxError, describeError, type ErrorDetail } from '@smx-edge/model';
import { ApiError } from './out.js';
import type { Target } from './target.js';

export interface Ask {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly body?: unknown;
  readonly accept?: string;
  /** How long an answer may take to begin, ms; default 30 s. */
  readonly patience?: number;
}

const PATIENCE = 30_000;

function address(target: Target, path: string, query: Ask['query'] = {}): URL {
  const url = new URL(path, target.url);
  for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, value);
  return url;
}

/** One exchange with the core; throws SMX_HTTP_UNREACHABLE, or the core's own error. */
export async function ask(target: Target, path: string, what: Ask = {}): Promise<IncomingMessage> {
  const response = await exchange(target, path, what);
  const status = response.statusCode ?? 0;
  if (status >= 200 && status < 300) return response;
  throw problemOf(status, await whole(response));
}

function exchange(target: Target, path: string, what: Ask): Promise<IncomingMessage> {
  const url = address(target, path, what.query);
  const body = what.body === undefined ? undefined : JSON.stringify(what.body);
  return new Promise((resolve, reject) => {
    const unreachable = (error: Error): void =>
      reject(
        new SmxError(
          'SMX_HTTP_UNREACHABLE',
          `no core answers at ${target.url.origin} (${describeError(error)}); is \`smx run\` up, and is it this config?`,
          {
            cause: error,
          },
        ),
      );
    const send = url.protocol === 'https:' ? tlsRequest : plainRequest;
    const request = send(
      url,
      {
        method: what.method ?? 'GET',
        headers: {
          authorization: `Bearer ${target.token}`,
          accept: what.accept ?? 'application/json',
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(target.ca === undefined ? {} : { ca: [...rootCertificates, target.ca] }),
      },
      resolve,
    );
    const { patience = PATIENCE } = what;
    request.setTimeout(patience, () =>
      request.destroy(new SmxError('SMX_HTTP_UNREACHABLE', `no answer within ${patience / 1000} s`)),
    );
    request.on('error', unreachable);
    request.on('response', () => request.setTimeout(0));
    request.end(body);
  });
}

export async function whole(response: IncomingMessage): Promise<string> {
  let text = '';
  response.setEncoding('utf8');
  for await (const chunk of response) text += chunk as string;
  return text;
}

function problemOf(status: number, text: string): SmxError {
  try {
    const problem = JSON.parse(text) as { code?: unknown; detail?: unknown; errors?: readonly ErrorDetail[] };
    if (typeof problem.code === 'string')
      return new ApiError(status, {
        code: problem.code,
        message: typeof problem.detail === 'string' ? problem.detail : problem.code,
        errors: problem.errors ?? [],
      });
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  return new SmxError('SMX_HTTP_UNREACHABLE', `what answers there is no SMX core (status ${status})`);
}

export async function askJson<T>(target: Target, path: string, what: Ask = {}): Promise<T> {
  const text = await whole(await ask(target, path, what));
  return (text === '' ? undefined : JSON.parse(text)) as T;
}
