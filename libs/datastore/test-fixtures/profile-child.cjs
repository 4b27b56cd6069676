// Appends one row at a time, from where the kept ones end, and prints its number once it was told that it is kept; ends
// only by being killed. Each row is sent twice, as a connector does that was cut off before the answer.
const { Zone, silentLog, systemClock } = require('@smx-edge/model');
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
  const profile = { device: 'd', id: 'p', period: 1, columns: [{ obis: '1-0:1.8.0', unit: 'Wh' }] };
  await store.profiles.put(profile);
  for (let n = (await store.profiles.last(profile)) ?? 0; ; n++) {
    const rows = [[n, 0, String(n)]];
    await store.profiles.append({ ...profile, rows, source: null });
    await store.profiles.append({ ...profile, rows, source: null });
    process.stdout.write(`${n}\n`);
  }
}

void main();
