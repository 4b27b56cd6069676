import type { Clock, Disposable } from '@smx-edge/model';
import type { Answer, JsonObject } from '../ocpp/index.js';

/** A message about a transaction: kept until it is answered (1.6 ed.2 §3.7). */
export interface Kept {
  readonly action: string;
  /** Whether it may be dropped where too many wait: values measured on the way are (§3.7.1). */
  readonly isPeriodic?: boolean;
  /** Made when it is sent: what it needs may come by the answer to the one before. */
  payload(): JsonObject;
  /** Answered, or given up after too many refusals. */
  done?(answer: Answer): void;
}

export interface OutboxUse {
  readonly clock: Clock;
  call(action: string, payload: JsonObject): Promise<Answer>;
  /** Most times that a refused message is sent, and ms to wait, which counts times the tries. */
  retry(): { readonly attempts: number; readonly interval: number };
}

/** What came of the messages about transactions. */
export interface OutboxCounts {
  readonly answered: number;
  /** Sent once more, since no answer came to the one before. */
  readonly resent: number;
  /** Given up. */
  readonly dropped: number;
}

interface Live {
  readonly action: string;
  readonly payload: JsonObject;
  readonly done: (answer: Answer) => void;
}

const LOST: Answer = { kind: 'lost', payload: {} };
const MOST_KEPT = 10_000;

/** What a station has to say, one CALL at a time: messages of the moment first, those about transactions in their order. */
export class Outbox {
  private live: Live[] = [];
  private kept: Kept[] = [];
  private state: 'down' | 'up' | 'ready' = 'down';
  private isBusy = false;
  private attempts = 0;
  private isSent = false;
  private pause: Disposable | undefined;
  private counted = { answered: 0, resent: 0, dropped: 0 };

  constructor(private readonly use: OutboxUse) {}

  get waiting(): number {
    return this.kept.length;
  }

  get counts(): OutboxCounts {
    return this.counted;
  }

  /** `up` = only messages of the moment may go, `ready` = all. */
  set(state: 'down' | 'up' | 'ready'): void {
    this.state = state;
    if (state === 'down') {
      this.rest();
      for (const { done } of this.live.splice(0)) done(LOST);
    } else this.pump();
  }

  /** Sent now or never. */
  say(action: string, payload: JsonObject): Promise<Answer> {
    if (this.state === 'down') return Promise.resolve(LOST);
    return new Promise((done) => {
      this.live.push({ action, payload, done });
      this.pump();
    });
  }

  /** Sent behind all that is kept already, whenever that can be. */
  keep(message: Kept): void {
    if (this.kept.length >= MOST_KEPT) this.thin();
    this.kept.push(message);
    this.pump();
  }

  private thin(): void {
    const place = this.kept.findIndex(({ isPeriodic }, i) => i > 0 && isPeriodic === true);
    if (place < 0) return;
    this.kept.splice(place, 1);
    this.counted.dropped++;
  }

  private rest(): void {
    this.pause?.dispose();
    this.pause = undefined;
  }

  private pump(): void {
    if (this.isBusy || this.state === 'down') return;
    const live = this.live.shift();
    const kept = this.state === 'ready' && this.pause === undefined ? this.kept[0] : undefined;
    if (live === undefined && kept === undefined) return;
    this.isBusy = true;
    const sent = live === undefined ? this.sendKept(kept!) : this.use.call(live.action, live.payload).then(live.done);
    void sent.then(() => {
      this.isBusy = false;
      this.pump();
    });
  }

  private async sendKept(message: Kept): Promise<void> {
    if (this.isSent) this.counted.resent++;
    this.isSent = true;
    const answer = await this.use.call(message.action, message.payload());
    if (answer.kind === 'lost') return;
    if (answer.kind === 'result') {
      this.over(message, answer);
      return;
    }
    const { attempts, interval } = this.use.retry();
    this.attempts++;
    // without an answer nobody has refused it: it is never given up
    if (answer.kind === 'error' && this.attempts >= attempts) {
      this.over(message, answer);
      return;
    }
    this.pause = this.use.clock.after(interval * this.attempts, () => {
      this.pause = undefined;
      this.pump();
    });
  }

  private over(message: Kept, answer: Answer): void {
    if (answer.kind === 'result') this.counted.answered++;
    else this.counted.dropped++;
    this.kept.shift();
    this.attempts = 0;
    this.isSent = false;
    message.done?.(answer);
  }
}
