import { connectAsync, type MqttClient } from 'mqtt';

/** Whoever else is at the broker: keeps what comes, by topic, and says things. */
export class Listener {
  /** All that came, oldest first. */
  readonly heard: { readonly topic: string; readonly text: string; readonly retain: boolean }[] = [];

  private constructor(private readonly client: MqttClient) {
    client.on('message', (topic, payload, { retain }) =>
      this.heard.push({ topic, text: payload.toString('utf8'), retain }),
    );
  }

  /** Resolves once the broker has its subscription. */
  static async open(broker: string, filter: string): Promise<Listener> {
    const client = await connectAsync(broker);
    const listener = new Listener(client);
    await client.subscribeAsync(filter, { qos: 1 });
    return listener;
  }

  /** The newest on a topic; undefined where nothing came. */
  last(topic: string): string | undefined {
    return this.heard.findLast((each) => each.topic === topic)?.text;
  }

  async say(topic: string, payload: string): Promise<void> {
    await this.client.publishAsync(topic, payload, { qos: 1 });
  }

  async close(): Promise<void> {
    await this.client.endAsync(true);
  }
}

/** Waits for a condition, while `meanwhile` is done again and again. */
export async function until(condition: () => boolean, meanwhile: () => void = () => undefined): Promise<void> {
  const end = Date.now() + 60_000;
  while (!condition()) {
    if (Date.now() > end) throw new Error('it did not come to be in time');
    meanwhile();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
