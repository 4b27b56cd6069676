import type { Clock, Disposable, ErrorCode } from '@smx-edge/model';
import { isAnswered, parseDown, type DownMessage } from './down-message.js';
import type { DownKind, DownTopic } from './topics.js';

export type DownHandler = (message: DownMessage) => void;

/** Whoever may send on down topics. */
export interface Sender {
  readonly name: string;
  /** Whether it may make one more request now. */
  mayRequest(): boolean;
}

/** Takes what parties send on their down topics to its handler; refuses, in words, what has none. */
export class DownDesk<P extends Sender> {
  private readonly handlers = new Map<DownKind, DownHandler>();

  constructor(
    private readonly o: {
      readonly clock: Clock;
      /** Sends on a topic of the party's tree, QoS 1. */
      readonly send: (party: P, rest: string, payload: Buffer) => void;
      readonly onFault: (error: unknown, message: DownMessage) => void;
      /** What cannot be read and gets no answer. */
      readonly onMalformed?: (party: P, topic: DownTopic) => void;
    },
  ) {}

  /** Makes `handler` the one that serves `kind`, until disposed. */
  handle(kind: DownKind, handler: DownHandler): Disposable {
    this.handlers.set(kind, handler);
    return {
      dispose: () => {
        if (this.handlers.get(kind) === handler) this.handlers.delete(kind);
      },
    };
  }

  /** `also` gets a copy of each answer: the response topic of MQTT 5.0. */
  take(
    party: P,
    { topic, payload, also }: { topic: DownTopic; payload: Buffer; also?: (answer: Buffer) => void },
  ): void {
    const handler = this.handlers.get(topic.kind);
    const answered = isAnswered(topic.kind);
    // heartbeats and acks that nobody waits for are in order
    if (handler === undefined && !answered) return;
    const parsed = parseDown(topic.kind, payload);
    const answer = (body: Readonly<Record<string, unknown>>): void => {
      const bytes = Buffer.from(JSON.stringify(body));
      this.o.send(party, topic.kind === 'req' ? 'res' : 'rsp', bytes);
      also?.(bytes);
    };
    const refuse = (code: ErrorCode, reason: string): void => {
      if (answered) answer(this.refusal(topic.kind, { id: parsed.id, code, reason }));
    };
    if ('reason' in parsed) {
      if (!answered) this.o.onMalformed?.(party, topic);
      refuse('SMX_MESSAGE_MALFORMED', parsed.reason);
      return;
    }
    if (answered && !party.mayRequest()) {
      refuse('SMX_HTTP_RATE', 'too many requests: 1 per second, 10 at once');
      return;
    }
    if (handler === undefined) {
      refuse('SMX_NOT_AVAILABLE', 'this version of the box does not offer this yet');
      return;
    }
    const { kind, stream } = topic;
    const message: DownMessage = {
      principal: party.name,
      kind,
      ...(stream === undefined ? {} : { stream }),
      id: parsed.id,
      body: parsed.body,
      received: this.o.clock.now(),
      answer,
    };
    try {
      handler(message);
    } catch (error) {
      this.o.onFault(error, message);
      refuse('SMX_INTERNAL', 'a fault of the box itself');
    }
  }

  private refusal(
    kind: DownKind,
    { id, code, reason }: { readonly id: string | null; readonly code: ErrorCode; readonly reason: string },
  ): Record<string, unknown> {
    const refused = { id, state: 'refused', code, reason, t: this.o.clock.now() };
    return kind === 'req' ? { ...refused, n: 0, last: true, error: { code, reason } } : refused;
  }
}
