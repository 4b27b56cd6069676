import { Problem, problemFrom } from './problem.js';

let onLoggedOut: () => void = () => undefined;

/** Who is told that the session is over, whichever request finds out. */
export function whenLoggedOut(listener: () => void): void {
  onLoggedOut = listener;
}

/** Asks the box as who is logged in. Throws `Problem`. */
export async function send(path: string, init: RequestInit = {}): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, { credentials: 'same-origin', cache: 'no-store', ...init });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new Problem({ status: 0, code: 'UNREACHABLE', detail: '' });
  }
  if (response.ok) return response;
  const problem = await problemFrom(response);
  if (problem.code === 'SMX_ACCESS_UNAUTHENTICATED') onLoggedOut();
  throw problem;
}

/** The JSON answer to a GET under `/api/v1/`; its shape is the API's promise. */
export async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  const response = await send(`/api/v1/${path}`, signal === undefined ? {} : { signal });
  return (await response.json()) as T;
}

/** Sends a JSON body under `/api/v1/`. */
export function post(path: string, body: unknown): Promise<Response> {
  const headers = { 'content-type': 'application/json' };
  return send(`/api/v1/${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
}

/** Ends what an address under `/api/v1/` names. */
export function remove(path: string): Promise<Response> {
  return send(`/api/v1/${path}`, { method: 'DELETE' });
}
