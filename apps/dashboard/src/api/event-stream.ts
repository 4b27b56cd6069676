import { EventParser } from './event-parser.js';
import { send } from './client.js';

/** The server shows that it lives every 15 s; a connection that is silent for longer is a dead one, ms. */
const SILENCE = 35_000;

export interface StreamListener {
  /** The connection stands. */
  opened(): void;
  event(name: string, data: string): void;
}

/**
 * Reads server-sent events until the connection ends; unlike EventSource it notices a connection on which nothing
 * arrives any more, and sees why it was refused. Throws `Problem` where it was.
 */
export async function readEvents(path: string, listener: StreamListener, signal: AbortSignal): Promise<void> {
  const silent = new AbortController();
  const stop = (): void => silent.abort();
  signal.addEventListener('abort', stop);
  let timer = setTimeout(stop, SILENCE);
  try {
    const response = await send(path, { headers: { accept: 'text/event-stream' }, signal: silent.signal });
    listener.opened();
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    const parser = new EventParser((name, data) => listener.event(name, data));
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      clearTimeout(timer);
      timer = setTimeout(stop, SILENCE);
      parser.add(value);
    }
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  }
}
