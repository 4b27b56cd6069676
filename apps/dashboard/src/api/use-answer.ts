import { useEffect, useState } from 'preact/hooks';
import { get } from './client.js';
import { Problem } from './problem.js';

export interface Asked<T> {
  /** The last answer there was; undefined before the first. */
  readonly answer: T | undefined;
  /** Why the newest request brought none. */
  readonly problem: Problem | undefined;
  /** Asks again now. */
  readonly again: () => void;
}

/** Keeps asking the API while shown, every `renew` ms (0 = once). `ask` is asked anew when `key` changes. */
export function useAsked<T>(key: string, ask: (signal: AbortSignal) => Promise<T>, renew = 0): Asked<T> {
  const [state, set] = useState<{ key: string; answer?: T; problem?: Problem }>({ key });
  const [round, setRound] = useState(0);
  useEffect(() => {
    const end = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const once = async (): Promise<void> => {
      // a page that nobody looks at asks for nothing
      if (document.hidden) {
        document.addEventListener('visibilitychange', () => void once(), { once: true, signal: end.signal });
        return;
      }
      try {
        const answer = await ask(end.signal);
        // an answer that could not be called off ends the asking all the same
        if (end.signal.aborted) return;
        set({ key, answer });
      } catch (error) {
        if (end.signal.aborted) return;
        if (!(error instanceof Problem)) throw error;
        set((before) => ({ ...(before.key === key ? before : { key }), problem: error }));
      }
      if (renew > 0) timer = setTimeout(() => void once(), renew);
    };
    void once();
    return () => {
      end.abort();
      clearTimeout(timer);
    };
  }, [key, round, renew]);
  const isOfKey = state.key === key;
  return {
    answer: isOfKey ? state.answer : undefined,
    problem: isOfKey ? state.problem : undefined,
    again: () => setRound((n) => n + 1),
  };
}

/** The same for one address under `/api/v1/`. */
export function useAnswer<T>(path: string, renew = 0): Asked<T> {
  return useAsked<T>(path, (signal) => get<T>(path, signal), renew);
}
