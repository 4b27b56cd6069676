import type { Frame } from '../frame/frame.js';

/** More are never open: what is older will not be answered. */
const MOST = 64;

/** CALLs of one side whose answers are awaited, by id; an id that comes again takes the place of the first. */
export class PendingCalls {
  private readonly calls = new Map<string, Frame>();

  add(call: Frame): void {
    this.calls.delete(call.id);
    this.calls.set(call.id, call);
    for (const oldest of this.calls.keys()) {
      if (this.calls.size <= MOST) return;
      this.calls.delete(oldest);
    }
  }

  take(id: string): Frame | undefined {
    const call = this.calls.get(id);
    this.calls.delete(id);
    return call;
  }
}
