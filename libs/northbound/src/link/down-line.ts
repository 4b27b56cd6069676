import { inflateSync } from 'node:zlib';
import type { DownDesk, Sender } from '../down-desk.js';
import { DEFAULT_LIMITS } from '../limits.js';
import { isReservedTopic, type Tree } from '../topics.js';
import type { Connection, Incoming } from './connection.js';

/** Answers on their way at once; a party that asks faster than its broker takes the answers loses some. */
const MOST_ANSWERS = 64;
const LONGEST_TOPIC = 256;
/** With 5.0, s. */
const ANSWER_EXPIRY = 3600;
const DEFLATED = 0x78;

/** What a party sends on the down topics of one connection, and the answers it gets. */
export class DownLine<P extends Sender> {
  private onTheirWay = 0;

  constructor(
    private readonly o: {
      readonly connection: Connection;
      readonly tree: Tree;
      readonly party: P;
      readonly desk: DownDesk<P>;
      readonly pack: (payload: Buffer) => Buffer;
      readonly onSent: () => void;
      readonly onLost: (why: string, topic: string) => void;
    },
  ) {}

  /** The subscriptions, with their QoS. */
  get topics(): Record<string, 0 | 1> {
    const { tree } = this.o;
    return Object.fromEntries([
      ...['cmd', 'schedule', 'req', 'ack/+'].map((rest) => [tree.topic(rest), 1]),
      [tree.topic('hb'), 0],
    ]) as Record<string, 0 | 1>;
  }

  take({ topic, payload, retained, responseTopic, correlationData }: Incoming): void {
    const { desk, onLost, party, tree } = this.o;
    const down = tree.down(topic);
    // a retained command would be carried out again at each connect
    if (down === undefined || retained) {
      onLost('not a down message', topic);
      return;
    }
    const plain = unpacked(payload);
    if (plain === undefined) {
      onLost('oversize or broken', topic);
      return;
    }
    if (responseTopic === undefined || !usable(responseTopic)) {
      desk.take(party, { topic: down, payload: plain });
      return;
    }
    const also = (answer: Buffer): void => this.say(responseTopic, answer, correlationData);
    desk.take(party, { topic: down, payload: plain, also });
  }

  /** Sends an answer, QoS 1. */
  say(topic: string, answer: Buffer, correlationData?: Buffer): void {
    const { connection, onLost, onSent, pack } = this.o;
    const payload = pack(answer);
    if (this.onTheirWay >= MOST_ANSWERS || payload.length + topic.length + 64 > connection.limit) {
      onLost('answer not taken', topic);
      return;
    }
    this.onTheirWay++;
    const five = {
      messageExpiryInterval: ANSWER_EXPIRY,
      ...(correlationData === undefined ? {} : { correlationData }),
    };
    const options = { qos: 1 as const, ...(connection.version === 5 ? { properties: five } : {}) };
    connection.publish({ topic, payload, options }, (error) => {
      this.onTheirWay--;
      if (error === undefined) onSent();
      else onLost(error.message, topic);
    });
  }
}

/** Whether an answer may also go to `topic` (MQTT 5.0 response topic): a plain topic outside the house's own trees. */
function usable(topic: string): boolean {
  return topic.length > 0 && topic.length <= LONGEST_TOPIC && !/[+#\0]/.test(topic) && !isReservedTopic(topic);
}

/** A down payload, inflated where it is deflated; undefined where it is too large or broken. */
function unpacked(payload: Buffer): Buffer | undefined {
  const { down } = DEFAULT_LIMITS;
  if (payload.length > down) return undefined;
  if (payload[0] !== DEFLATED) return payload;
  try {
    return inflateSync(payload, { maxOutputLength: down });
  } catch {
    // what it was does not matter: it is dropped and counted
    return undefined;
  }
}
