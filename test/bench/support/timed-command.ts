import type { MqttClient } from 'mqtt';
import { POINT } from './control-box.js';

/** Gives a command over MQTT; ms from its publish until `verified` comes on `rsp`. Rejects with another outcome. */
export async function timedCommand(
  client: MqttClient,
  { party, id, value }: { party: string; id: string; value: number },
): Promise<number> {
  const rsp = `smx/1/bench/${party}/rsp`;
  const proved = new Promise<number>((resolve, reject) => {
    const look = (topic: string, payload: Buffer): void => {
      if (topic !== rsp) return;
      const stage = JSON.parse(payload.toString()) as { id: string; state: string };
      if (stage.id !== id) return;
      if (stage.state === 'verified') resolve(performance.now());
      else if (!['received', 'accepted', 'applied'].includes(stage.state)) reject(new Error(payload.toString()));
      else return;
      client.off('message', look);
    };
    client.on('message', look);
  });
  const body = { id, t: Date.now(), point: POINT, value, for: '10s' };
  const sent = performance.now();
  client.publish(`smx/1/bench/${party}/cmd`, JSON.stringify(body), { qos: 1 });
  return (await proved) - sent;
}
