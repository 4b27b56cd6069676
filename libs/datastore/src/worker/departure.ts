import type { ErrorCode } from '@smx-edge/model';
import type { Answer, Request, WireError } from './protocol.js';
import { wireError } from './store-error.js';
import type { StoreThread } from './store-thread.js';

/** Faults under which files that are open are of no use, and keep the disk from being mounted again. */
const OF_NO_USE: readonly ErrorCode[] = ['SMX_STORE_FOLDER', 'SMX_STORE_READONLY'];

/** Whether a thread must let go of its files and begin anew for an error to end. */
export const endsThread = ({ code }: WireError): boolean => OF_NO_USE.includes(code);

/**
 * A thread that lets go of its files. Until it is asked to leave, and so knows that nothing more is under way to it, it
 * takes samples and gaps into memory and refuses the rest; then it gives what it has, for the thread that comes next.
 */
export class Departure {
  constructor(
    private readonly store: StoreThread,
    private readonly o: {
      readonly why: WireError;
      readonly tell: (answer: Answer) => void;
      readonly ended: () => void;
    },
  ) {
    store.journal.blocked = true;
    o.tell({ kind: 'leaving' });
  }

  take(request: Request): void {
    const { id, now } = request;
    const { why, tell } = this.o;
    switch (request.op) {
      case 'samples':
        this.store.journal.append(Buffer.from(request.in.record.buffer), request.in.range, now);
        tell({ kind: 'done', id, out: undefined });
        return;
      case 'gap':
        this.store.addGap(request.in);
        tell({ kind: 'done', id, out: undefined });
        return;
      case 'leave':
        this.leave(id);
        return;
      default:
        tell({ kind: 'failed', id, error: why });
    }
  }

  private leave(id: number): void {
    const { tell, ended } = this.o;
    try {
      tell({ kind: 'done', id, out: this.store.leave() });
    } catch (error) {
      tell({ kind: 'failed', id, error: wireError(error) });
    }
    ended();
  }
}
