import type { Clock, Disposable } from '@smx-edge/model';
import { decodeFrame, encodeCall, type Frame } from '@smx-edge/protocols/ocpp-j';
import type { JsonObject } from './json.js';

/** How a CALL ended: answered, refused by CALLERROR, without an answer in time, or with its connection. */
export interface Answer {
  readonly kind: 'result' | 'error' | 'timeout' | 'lost';
  /** Without members where it is no `result`. */
  readonly payload: JsonObject;
  /** Of a CALLERROR. */
  readonly code?: string;
}

/** What is said to a CALL of the far end, and what is done once it is said. */
export type Reply = ({ readonly payload: JsonObject } | { readonly code: string }) & { readonly then?: () => void };

export interface PeerUse {
  readonly clock: Clock;
  /** ms for which an answer is waited for. */
  readonly timeout: number;
  /** Begins the ids of its CALLs. */
  readonly prefix: string;
  send(text: string): void;
  /** Undefined = no answer at all. */
  answer(action: string, payload: JsonObject): Reply | undefined;
  /** ms by which an answer is late. */
  delay(): number;
}

interface Waiting {
  readonly action: string;
  readonly payload: JsonObject;
  readonly done: (answer: Answer) => void;
}

const LOST: Answer = { kind: 'lost', payload: {} };

/** One end of a connection: its own CALLs one after the other (OCPP-J 1.6 §4.1.1), and its answers to those of the far end. */
export class Peer {
  private readonly waiting: Waiting[] = [];
  private open:
    { readonly id: string; readonly done: (answer: Answer) => void; readonly timer: Disposable } | undefined;
  private count = 0;
  private isOver = false;

  constructor(private readonly use: PeerUse) {}

  /** Waits for those before it. Never rejects. */
  call(action: string, payload: JsonObject): Promise<Answer> {
    if (this.isOver) return Promise.resolve(LOST);
    return new Promise((done) => {
      this.waiting.push({ action, payload, done });
      this.next();
    });
  }

  /** A frame of the far end; what is none, and an answer nobody waits for, is passed over. */
  take(bytes: Uint8Array): Frame | undefined {
    const frame = decodeFrame(bytes);
    if (frame === undefined || this.isOver) return frame;
    if (frame.kind === 'call') this.answer(frame);
    else if (frame.id === this.open?.id && (frame.kind === 'result' || frame.kind === 'error')) {
      const { kind, payload, code } = frame;
      this.ends({ kind, payload, ...(code !== undefined && { code }) });
    }
    return frame;
  }

  /** The connection is gone. */
  end(): void {
    this.isOver = true;
    const waiting = this.waiting.splice(0);
    this.ends(LOST);
    for (const { done } of waiting) done(LOST);
  }

  private next(): void {
    if (this.open !== undefined) return;
    const next = this.waiting.shift();
    if (next === undefined) return;
    const id = `${this.use.prefix}${(++this.count).toString(36)}`;
    const timer = this.use.clock.after(this.use.timeout, () => this.ends({ kind: 'timeout', payload: {} }));
    this.open = { id, done: next.done, timer };
    this.use.send(encodeCall(id, next.action, next.payload));
  }

  private ends(answer: Answer): void {
    const { open } = this;
    if (open === undefined) return;
    open.timer.dispose();
    this.open = undefined;
    open.done(answer);
    this.next();
  }

  private answer({ id, action = '', payload }: Frame): void {
    const reply = this.use.answer(action, payload);
    if (reply === undefined) return;
    const say = (): void => {
      if (this.isOver) return;
      this.use.send(JSON.stringify('code' in reply ? [4, id, reply.code, '', {}] : [3, id, reply.payload]));
      reply.then?.();
    };
    const delay = this.use.delay();
    if (delay > 0) this.use.clock.after(delay, say);
    else say();
  }
}
