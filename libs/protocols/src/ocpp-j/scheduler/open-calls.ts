import { PastIds } from './past-ids.js';

interface OpenCall {
  readonly id: string;
  readonly sentAt: number;
  /** The connection that it came over is gone: nobody awaits its answer. */
  isOrphan: boolean;
}

/** No back end has more open; what is older than these is forgotten. */
const MOST = 1024;

/** CALLs of the back end that the charge point has not answered, the oldest first; an id may be among them twice. */
export class OpenCalls {
  private calls: OpenCall[] = [];
  /** Given up by the back end of this connection: a late answer is still its own. */
  private readonly late = new PastIds();

  constructor(private readonly timeout: number) {}

  get isEmpty(): boolean {
    return this.calls.length === 0;
  }

  /** When the oldest is forgotten. */
  get expiresAt(): number | undefined {
    const oldest = this.calls[0];
    return oldest && oldest.sentAt + this.timeout;
  }

  add(id: string, now: number): void {
    this.calls.push({ id, sentAt: now, isOrphan: false });
    if (this.calls.length > MOST) this.giveUp();
  }

  has(id: string): boolean {
    return this.calls.some((call) => call.id === id);
  }

  /** Takes the oldest call of that id out; whose answer it is, or undefined where there is none. */
  answered(id: string): 'back-end' | 'nobody' | undefined {
    const at = this.calls.findIndex((call) => call.id === id);
    if (at < 0) return this.late.take(id) ? 'back-end' : undefined;
    const [call] = this.calls.splice(at, 1);
    return call!.isOrphan ? 'nobody' : 'back-end';
  }

  expire(now: number): void {
    while (this.calls.length > 0 && this.calls[0]!.sentAt + this.timeout <= now) this.giveUp();
  }

  /** They stay open at the charge point, but what awaited their answers is gone; gives their ids and those of calls given up. */
  orphan(): readonly string[] {
    for (const call of this.calls) call.isOrphan = true;
    return [...this.late.drain(), ...this.calls.map(({ id }) => id)];
  }

  private giveUp(): void {
    const oldest = this.calls.shift();
    if (oldest && !oldest.isOrphan) this.late.add(oldest.id);
  }
}
