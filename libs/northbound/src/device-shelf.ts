import { filterMatches } from '@smx-edge/model';

/** A message of a device that speaks MQTT itself, on a topic that its role's `mqtt.publish` grants. */
export interface DeviceMessage {
  readonly principal: string;
  readonly topic: string;
  readonly payload: Buffer;
  /** Whether the device published it to be kept. */
  readonly retain: boolean;
  /** Receive time, ms UTC. */
  readonly received: number;
}

/** Bounds of what devices may leave on the shelf; past them a message is passed on but not kept. */
const MOST = 1000;
const MOST_BYTES = 2 * 1024 * 1024;

/** Retained messages of device topics, in memory, as long as their principal is valid. */
export class DeviceShelf {
  private readonly kept = new Map<string, DeviceMessage>();
  private bytes = 0;

  /** Keeps a retained message, or with an empty payload forgets the topic; false where the shelf is full. */
  put(message: DeviceMessage): boolean {
    const before = this.kept.get(message.topic);
    const after = this.bytes - (before?.payload.length ?? 0) + message.payload.length;
    if (message.payload.length > 0 && (after > MOST_BYTES || (before === undefined && this.kept.size >= MOST)))
      return false;
    this.bytes = after;
    if (message.payload.length === 0) this.kept.delete(message.topic);
    else this.kept.set(message.topic, message);
    return true;
  }

  matching(filter: string): DeviceMessage[] {
    return [...this.kept.values()].filter(({ topic }) => filterMatches(filter, topic));
  }

  /** Forgets what a principal left, and gives its topics. */
  clear(principal: string): string[] {
    const topics = [...this.kept.values()]
      .filter((message) => message.principal === principal)
      .map(({ topic }) => topic);
    for (const topic of topics) {
      this.bytes -= this.kept.get(topic)?.payload.length ?? 0;
      this.kept.delete(topic);
    }
    return topics;
  }
}
