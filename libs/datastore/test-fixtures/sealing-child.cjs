// Journals minutes of samples as fast as it can, so that a segment is sealed every few milliseconds; prints the number of
// each minute once it is durable; ends only by being killed.
const { SampleBatch, VirtualClock, Zone, silentLog } = require('@smx-edge/model');
const { Store } = require('@smx-edge/datastore');

async function main() {
  const first = Number(process.argv[3]);
  const clock = new VirtualClock(Date.UTC(2026, 0, 1) + first * 60_000);
  const store = await Store.open({
    dir: process.argv[2],
    clock,
    zone: new Zone('UTC'),
    log: silentLog,
    flush: 1e9,
    budget: 1e9,
    raw: 1e12,
  });
  const point = (path, type) => ({ path, device: 'd', instance: 'i', unit: null, type, kind: 'state', maxAge: 0 });
  const number = store.live.declare(point('d/number', 'number'));
  const double = store.live.declare(point('d/double', 'number'));
  const text = store.live.declare(point('d/text', 'string'));
  const batch = new SampleBatch();
  for (let n = first; ; n++) {
    batch.clear(clock.now());
    batch.number[batch.add(number)] = n / 10;
    batch.number[batch.add(double)] = Math.sin(n);
    batch.other.set(batch.add(text), `minute ${n}`);
    store.live.ingest(batch);
    await store.flush();
    process.stdout.write(`${n}\n`);
    clock.advance(60_000);
  }
}

void main();
