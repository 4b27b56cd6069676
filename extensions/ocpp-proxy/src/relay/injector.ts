import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import {
  decodeFrame,
  encodeCall,
  MESSAGE_ID_BYTES,
  ownMessageId,
  Scheduler,
  type FrameHead,
  type InjectionEnd,
  type Step,
} from '@smx-edge/protocols/ocpp-j';
import type { InjectedCall, InjectionAnswer } from './circuit.js';
import type { WireFrame } from './wire.js';

/** Where frames go that have their turn. */
export interface Turns {
  toChargePoint(frame: WireFrame): void;
  toFarSide(frame: WireFrame, head: FrameHead | undefined): void;
}

/** `smx`: 36 characters that say whose it is; the others for charge points that take only ids as their makers expect them. */
export type IdStyle = 'smx' | 'uuid' | 'numeric';

/** Code of an answer that is neither a result nor an error that can be read. */
export const UNREADABLE = 'Unreadable';

/** Injected CALLs of one circuit, between those of its back end. */
export class Injector {
  private readonly scheduler = new Scheduler<WireFrame>({}, ({ data }) => data.length);
  private readonly pending = new Map<string, (answer: InjectionAnswer) => void>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly turns: Turns,
    private readonly idStyle: IdStyle = 'smx',
  ) {}

  inject({ action, payload, answerWithin, goesFirst = false }: InjectedCall): Promise<InjectionAnswer> {
    const id = newId(this.idStyle);
    const frame = { data: Buffer.from(encodeCall(id, action, payload)), isBinary: false };
    return new Promise((resolve) => {
      this.pending.set(id, resolve);
      this.take(
        this.scheduler.inject({ id, frame, goesFirst, ...(answerWithin !== undefined && { answerWithin }) }, now()),
      );
    });
  }

  /** What is no CALL passes at once, and is told only while an own CALL is open. */
  fromFarSide(frame: WireFrame, head: FrameHead | undefined): void {
    if (this.pending.size === 0 && head?.kind !== 'call') this.turns.toChargePoint(frame);
    else this.take(this.scheduler.fromBackEnd(frame, head, now()));
  }

  /** What is no answer passes always. */
  fromChargePoint(frame: WireFrame, head: FrameHead | undefined): void {
    if (head === undefined || head.kind === 'call' || head.kind === 'send') this.turns.toFarSide(frame, head);
    else this.take(this.scheduler.fromChargePoint(frame, head, now()), head);
  }

  farSideGone(): void {
    this.take(this.scheduler.backEndGone(now()));
  }

  chargePointGone(): void {
    this.take(this.scheduler.chargePointGone());
    clearTimeout(this.timer);
  }

  private take(step: Step<WireFrame>, head?: FrameHead): void {
    for (const frame of step.toBackEnd) this.turns.toFarSide(frame, head);
    for (const frame of step.toChargePoint) this.turns.toChargePoint(frame);
    for (const end of step.ended) this.end(end);
    clearTimeout(this.timer);
    this.timer = undefined;
    if (step.wakeAt === undefined) return;
    this.timer = setTimeout(
      () => this.take(this.scheduler.elapsed(now())),
      Math.max(1, Math.ceil(step.wakeAt - now())),
    );
    this.timer.unref();
  }

  private end(end: InjectionEnd<WireFrame>): void {
    const resolve = this.pending.get(end.id);
    this.pending.delete(end.id);
    resolve?.(answerOf(end));
  }
}

/** Nine digits that begin with one of their own: what no back end counts up to in a connection. */
const [NUMERIC_FROM, NUMERIC_TO] = [900_000_000, 1_000_000_000];

function newId(style: IdStyle): string {
  if (style === 'uuid') return randomUUID();
  if (style === 'numeric') return String(randomInt(NUMERIC_FROM, NUMERIC_TO));
  return ownMessageId(randomBytes(MESSAGE_ID_BYTES));
}

const now = (): number => performance.now();

function answerOf(end: InjectionEnd<WireFrame>): InjectionAnswer {
  // more wait for this charge point than it could answer in time
  if (end.status === 'busy') return { status: 'timeout', wasSent: false };
  if (end.status !== 'answered') return { status: end.status, wasSent: end.wasSent };
  const frame = decodeFrame(end.frame.data);
  if (end.head.kind === 'result' && frame !== undefined) return { status: 'ok', payload: frame.payload };
  const code = end.head.kind === 'error' ? frame?.code : undefined;
  return { status: 'error', code: code ?? UNREADABLE, description: frame?.description ?? '', payload: {} };
}
