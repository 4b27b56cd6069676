import { send } from '../api/client.js';
import { Problem } from '../api/problem.js';
import type { Waveform } from './wave.js';

/** Address of a file of an event. */
export const fileHref = (id: number, name: string): string => `/api/v1/events/${id}/files/${encodeURIComponent(name)}`;

/** The wave around an event. Throws `Problem`. */
export async function loadWave(id: number, name: string, signal: AbortSignal): Promise<Waveform> {
  const { body } = await send(fileHref(id, name), { signal });
  try {
    return (await new Response(body!.pipeThrough(new DecompressionStream('gzip'))).json()) as Waveform;
  } catch (error) {
    if (signal.aborted) throw error;
    // cut on its way, or not what it says it is
    throw new Problem({ status: 200, code: 'UNREADABLE', detail: '' });
  }
}
