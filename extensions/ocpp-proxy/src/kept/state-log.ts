import type { InstanceState } from '@smx-edge/extension-api';

/**
 * An ordered log in the durable state of the instance, one key for each entry, so that adding writes only what is added. An entry
 * is durable once `append` resolved. Entries go from the front: one that is removed out of turn goes with those before it.
 */
export class StateLog<T> {
  private readonly done = new Set<number>();
  private first = 0;
  private next = 0;
  private turn: Promise<unknown> = Promise.resolve();

  private constructor(
    private readonly state: InstanceState,
    private readonly name: string,
  ) {}

  /** The log with what was left in it, oldest first. */
  static async open<T>(state: InstanceState, name: string): Promise<{ log: StateLog<T>; left: [number, T][] }> {
    const log = new StateLog<T>(state, name);
    log.first = (await state.get<number>(name)) ?? 0;
    const left: [number, T][] = [];
    for (log.next = log.first; ; log.next += 1) {
      const entry = await state.get<T>(log.key(log.next));
      if (entry === undefined) break;
      left.push([log.next, entry]);
    }
    return { log, left };
  }

  /** Resolves to the number of the entry; rejects SMX_EXTENSION_LIMIT where the state is full: then nothing was added. */
  append(entry: T): Promise<number> {
    return this.inTurn(async () => {
      await this.state.set(this.key(this.next), entry);
      return this.next++;
    });
  }

  remove(n: number): Promise<void> {
    this.done.add(n);
    return this.inTurn(async () => {
      const from = this.first;
      let to = from;
      while (this.done.has(to)) to += 1;
      if (to === from) return;
      // a log that begins at a key which is gone would look empty: the beginning moves before anything goes
      await this.state.set(this.name, to);
      this.first = to;
      for (let gone = from; gone < to; gone += 1) {
        this.done.delete(gone);
        await this.state.set(this.key(gone), undefined);
      }
    });
  }

  private key(n: number): string {
    return `${this.name}/${n}`;
  }

  private inTurn<R>(run: () => Promise<R>): Promise<R> {
    const result = this.turn.then(run);
    this.turn = result.catch(() => {});
    return result;
  }
}
