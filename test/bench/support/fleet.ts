import { connect, type MqttClient } from 'mqtt';

/** What the fleet is told, as JSON in the environment. */
interface Wish {
  readonly port: number;
  readonly sites: number;
  readonly points: number;
  /** Seconds between two batches of a site; each holds a row per second. */
  readonly batch: number;
  /** How long it sends, s; the first `warm` are not counted. */
  readonly seconds: number;
  readonly warm: number;
}

/** Sites on one connection. */
const SITES_EACH = 50;
const WAIT = 20_000;

/** A fleet of boxes in a process of its own: sends batches at an even pace and times their acks. Prints one line of JSON. */
async function main(): Promise<void> {
  const wish = JSON.parse(process.env['SMX_FLEET'] ?? '') as Wish;
  const { port, sites, points, batch, seconds, warm } = wish;
  const clients: MqttClient[] = [];
  const sent = new Map<string, number>();
  const times: number[] = [];
  for (let first = 0; first < sites; first += SITES_EACH) {
    const client = connect(`mqtt://127.0.0.1:${port}`, { protocolVersion: 5 });
    client.on('message', (topic, payload) => acked(topic.split('/')[2]!, payload));
    await new Promise<void>((resolve) => client.once('connect', () => resolve()));
    (client.stream as { setNoDelay?: (on: boolean) => void }).setNoDelay?.(true);
    const topics = Array.from(
      { length: Math.min(SITES_EACH, sites - first) },
      (_, i) => `smx/1/f${first + i}/gesscon/ack/inst`,
    );
    await client.subscribeAsync(topics, { qos: 1 });
    clients.push(client);
  }
  const begin = performance.now();
  function acked(site: string, payload: Buffer): void {
    const { s } = JSON.parse(payload.toString()) as { s: [number, number][] };
    for (const [from, to] of s)
      for (let seq = from; seq <= to; seq++) {
        const at = sent.get(`${site}/${seq}`);
        if (at === undefined) continue;
        sent.delete(`${site}/${seq}`);
        const now = performance.now();
        if (at - begin > warm * 1000) times.push(now - at);
      }
  }
  const id = Array.from({ length: points }, (_, i) => i + 1);
  const offsets = Array.from({ length: batch }, (_, i) => i * 1000);
  const perMs = sites / (batch * 1000);
  let next = 0;
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      const past = performance.now() - begin;
      if (past > seconds * 1000) {
        clearInterval(timer);
        resolve();
        return;
      }
      const due = Math.floor(past * perMs);
      for (; next < due; next++) {
        const site = next % sites;
        const seq = Math.floor(next / sites) + 1;
        const t0 = Date.now() - batch * 1000;
        const r = offsets.map((_, row) => id.map((k) => (2300 + ((site + seq * 7 + row * 3 + k * 13) % 97)) / 10));
        const body = JSON.stringify({ v: 1, e: 1, s: seq, cat: 'bench', t0, t: offsets, id, r });
        const name = `f${site}`;
        sent.set(`${name}/${seq}`, performance.now());
        clients[Math.floor(site / SITES_EACH)]!.publish(`smx/1/${name}/gesscon/t/inst`, body, { qos: 1 });
      }
    }, 2);
  });
  const end = performance.now() + WAIT;
  while (sent.size > 0 && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 20));
  const drained = performance.now() - begin;
  times.sort((a, b) => a - b);
  const at = (q: number): number => times[Math.floor(times.length * q)] ?? Infinity;
  const batches = next;
  const result = { batches, values: batches * points * batch, missing: sent.size, p99: at(0.99), drained };
  process.stdout.write(JSON.stringify(result));
  await Promise.all(clients.map((client) => client.endAsync(true)));
}

void main();
