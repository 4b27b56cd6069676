// Journals one sample at a time and prints its number once it was told that it is written; ends only by being killed.
const { SampleBatch, Zone, silentLog, systemClock } = require('@smx-edge/model');
const { Store } = require('@smx-edge/datastore');

async function main() {
  const store = await Store.open({
    dir: process.argv[2],
    clock: systemClock,
    zone: new Zone('UTC'),
    log: silentLog,
    flush: 10_000,
    budget: 1e9,
    raw: 1e10,
  });
  const point = { path: 'd/n', device: 'd', instance: 'i', unit: null, type: 'number', kind: 'counter', maxAge: 0 };
  const handle = store.live.declare(point);
  const batch = new SampleBatch();
  const first = Number(process.argv[3]);
  for (let n = first; ; n++) {
    batch.clear(Date.now());
    const i = batch.add(handle);
    batch.number[i] = n;
    store.live.ingest(batch);
    await store.flush();
    await store.addEvent({ t: n, path: 'd', code: 'N', severity: 'info', state: 'once', text: String(n) });
    store.append({ t: n, kind: 'system', principal: 'test', data: { n } });
    process.stdout.write(`${n}\n`);
  }
}

void main();
