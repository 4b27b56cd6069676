import type { Socket } from 'node:net';
import { connectAsync, type IClientOptions, type MqttClient } from 'mqtt';

/**
 * A client with TCP_NODELAY, as contracts §5 has it on both ends: without it a publish that follows an ack waits for the
 * delayed ack of the other end, 40 ms by Linux.
 */
export async function quickClient(port: number, options: IClientOptions = {}): Promise<MqttClient> {
  const client = await connectAsync(`mqtt://127.0.0.1:${port}`, options);
  (client.stream as Partial<Socket>).setNoDelay?.(true);
  return client;
}
