import { get } from 'node:http';
import { SmxError } from '@smx-edge/model';

/** No answer that is read here has more; an archive would, bytes. */
const LARGEST = 1024 * 1024;

export interface HttpAnswer {
  readonly status: number;
  readonly bytes: Uint8Array;
  /** Where it says that it is to be found in its place. */
  readonly location?: string;
}

export interface HttpLimits {
  /** From the call to the last byte, ms: a device that drips is given up as one that is silent. */
  readonly timeout: number;
  /** Gives it up at once. */
  readonly signal: AbortSignal;
}

/**
 * One GET over a connection of its own; redirects are not followed. Whatever its status and type, the answer is given as it came.
 * Rejects SMX_TRANSPORT_CONNECT, SMX_TRANSPORT_IDLE past the time-out, SMX_SOLARAPI_BODY for an answer that breaks off or is too long.
 */
export function httpGet(url: string, { timeout, signal }: HttpLimits): Promise<HttpAnswer> {
  const { host } = new URL(url);
  return new Promise((resolve, reject) => {
    const request = get(url, { agent: false, signal, headers: { accept: 'application/json' } });
    const fail = (error: SmxError): void => {
      clearTimeout(late);
      reject(error);
      request.destroy();
    };
    const late = setTimeout(() => {
      const text = `${host} gives no whole answer within ${timeout / 1000} s; it may be asleep, or busy with others that ask it`;
      fail(new SmxError('SMX_TRANSPORT_IDLE', text));
    }, timeout);
    request.on('error', (cause) => fail(unreachable(host, cause)));
    request.on('response', (response) => {
      const { location } = response.headers;
      const parts: Buffer[] = [];
      let size = 0;
      const broken = (text: string): void => fail(new SmxError('SMX_SOLARAPI_BODY', `${host}: ${text}`));
      response.on('data', (part: Buffer) => {
        size += part.length;
        if (size > LARGEST) broken(`the answer is larger than ${LARGEST} bytes, which no answer of a Solar API is`);
        else parts.push(part);
      });
      response.on('error', () => broken('the answer broke off'));
      response.on('end', () => {
        clearTimeout(late);
        if (!response.complete) broken('the answer broke off');
        else resolve({ status: response.statusCode ?? 0, bytes: Buffer.concat(parts, size), ...(location !== undefined && { location }) }); // prettier-ignore
      });
    });
  });
}

function unreachable(host: string, cause: NodeJS.ErrnoException): SmxError {
  const why = cause.code === 'ENOTFOUND' ? 'its name is not known' : (cause.code ?? cause.message);
  const text = `${host} cannot be reached (${why}): check the address in \`api\`, and that the inverter is on and in the network`;
  return new SmxError('SMX_TRANSPORT_CONNECT', text, { cause });
}
