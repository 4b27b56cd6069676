import type { MqttClient } from 'mqtt';

/** Acknowledges every batch of the streams below `base`, as contracts §5 asks of a consumer: without it they are sent again. */
export async function takeStreams(client: MqttClient, base: string): Promise<void> {
  client.on('message', (topic, payload) => {
    const [party, stream] = topic.split('/t/');
    if (stream === undefined) return;
    const { e, s } = JSON.parse(payload.toString()) as { e: number; s: number };
    client.publish(`${party}/ack/${stream}`, JSON.stringify({ e, s: [[s, s]] }), { qos: 1 });
  });
  await client.subscribeAsync(`${base}/t/+`, { qos: 1 });
}
