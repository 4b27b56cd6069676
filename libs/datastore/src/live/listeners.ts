import type { Disposable } from '@smx-edge/model';

/** Listeners that may come and go while being called; all are called even where one throws, then its error is thrown. */
export class Listeners<T> {
  private list: readonly ((item: T) => void)[] = [];

  add(listener: (item: T) => void): Disposable {
    // a function of its own, so that the same listener may be added twice and each taken away once
    const own = (item: T): void => listener(item);
    this.list = [...this.list, own];
    return { dispose: () => void (this.list = this.list.filter((other) => other !== own)) };
  }

  call(item: T): void {
    const list = this.list;
    let failed = false;
    let failure: unknown;
    for (let i = 0; i < list.length; i++) {
      try {
        list[i]!(item);
      } catch (error) {
        if (!failed) failure = error;
        failed = true;
      }
    }
    if (failed) throw failure;
  }
}
