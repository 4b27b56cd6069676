import { SmxError, type Clock, type Disposable } from '@smx-edge/model';
import type { ToChild, WireError } from '@smx-edge/extension-api/wire';
import { errorOfWire } from './wire-error.js';

interface Waiting {
  resolve(value: unknown): void;
  reject(error: SmxError): void;
  readonly timer: Disposable;
}

/** Questions to a process and their answers, each within its time. */
export class Asked {
  private readonly waiting = new Map<number, Waiting>();
  private last = 0;

  constructor(private readonly o: { clock: Clock; send: (message: ToChild) => void }) {}

  /** Rejects SMX_EXTENSION_TIMEOUT, SMX_EXTENSION_DIED, or with what the process answered. */
  ask(what: string, ms: number, message: (id: number) => ToChild): Promise<unknown> {
    const id = ++this.last;
    return new Promise((resolve, reject) => {
      const timer = this.o.clock.after(ms, () => {
        this.waiting.delete(id);
        reject(new SmxError('SMX_EXTENSION_TIMEOUT', `${what} was not answered within ${ms / 1000} s`));
      });
      this.waiting.set(id, { resolve, reject, timer });
      this.o.send(message(id));
    });
  }

  resolve(id: number, value: unknown): void {
    this.take(id)?.resolve(value);
  }

  reject(id: number, error: WireError): void {
    this.take(id)?.reject(errorOfWire(error));
  }

  end(reason: string): void {
    for (const id of [...this.waiting.keys()])
      this.take(id)?.reject(new SmxError('SMX_EXTENSION_DIED', `The instance ended before it answered: ${reason}`));
  }

  private take(id: number): Waiting | undefined {
    const waiting = this.waiting.get(id);
    this.waiting.delete(id);
    waiting?.timer.dispose();
    return waiting;
  }
}
