// Gives a store one of everything a minute, as fast as it takes them, and prints what it was told is kept; goes on where
// the disk refuses, and ends only by being killed, or in order by SIGTERM. SIGUSR2 has the next minute flood the journal.
// Arguments: data folder, number of the first minute, minutes to do.
const { createHash } = require('node:crypto');
const { SampleBatch, SmxError, VirtualClock, Zone, silentLog } = require('@smx-edge/model');
const { Store } = require('@smx-edge/datastore');

const START = Date.UTC(2026, 0, 1);
const LANE = { principal: 'gesscon', stream: 'inst' };
const PROFILE = { device: 'd', id: 'p', period: 60_000, columns: [{ obis: '1-0:1.8.0', unit: 'Wh' }] };
/** Batches that are handed out and not yet acknowledged. */
const OPEN = 20;
/** Samples of a flood and letters of each: more bytes than the store holds in memory while the disk refuses. */
const FLOOD = { count: 1600, length: 4000 };

const sourceOf = (n) => createHash('sha256').update(`row ${n}`).digest('hex');
const tell = (fact) => process.stdout.write(`${JSON.stringify(fact)}\n`);

function hashOf({ seq, cut, plan, ...content }) {
  return createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 16);
}

async function main() {
  const [dir, first, count] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4] ?? Infinity)];
  const clock = new VirtualClock(START + first * 60_000);
  const begun = performance.now();
  const options = { clock, zone: new Zone('UTC'), log: silentLog };
  const store = await Store.open({ dir, ...options, flush: 1e9, budget: 1e9, raw: 1e13 });
  tell({ opened: performance.now() - begun, epoch: store.epoch });
  store.onFault((fault) => tell({ fault: fault?.code ?? null }));
  const point = (path, type) => ({ path, device: 'd', instance: 'i', unit: null, type, kind: 'state', maxAge: 0 });
  const number = store.live.declare(point('d/number', 'number'));
  const double = store.live.declare(point('d/double', 'number'));
  const text = store.live.declare(point('d/text', 'string'));
  const form = (handle) => ({ handle, maxAge: 0, every: 0, as: 'last', delay: 0, round: 0, interval: 0 });
  const plan = { cat: 'c', batch: 60_000, forms: [number, double, text].map(form) };
  const batch = new SampleBatch();
  let isLaneOpen = false;
  let sent = 0;
  let isFlood = false;
  let isOver = false;
  process.on('SIGUSR2', () => (isFlood = true));
  process.on('SIGTERM', () => (isOver = true));

  async function flood() {
    isFlood = false;
    const flooded = store.live.declare(point('d/flood', 'string'));
    for (let i = 0; i < FLOOD.count; i++) {
      batch.clear(clock.now());
      batch.other.set(batch.add(flooded), `${i}`.padEnd(FLOOD.length));
      store.live.ingest(batch);
      clock.advance(1);
      // the thread of the store takes what it is given, so that what is too much is its own to tell
      if (i % 16 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    }
    tell({ flood: FLOOD.count });
  }

  async function minute(n) {
    batch.clear(clock.now());
    batch.number[batch.add(number)] = n / 10;
    batch.number[batch.add(double)] = Math.sin(n);
    batch.other.set(batch.add(text), `minute ${n}`);
    store.live.ingest(batch);
    tell({ given: n });
    store.append({ t: clock.now(), kind: 'system', principal: 'test', data: { n } });
    const files =
      n % 5 === 0 ? [{ name: 'wave.bin', type: 'application/octet-stream', bytes: Buffer.alloc(3000, n) }] : [];
    await store.profiles.put(PROFILE);
    await store.profiles.append({ ...PROFILE, rows: [[clock.now(), 0, `${n}.0`]], source: sourceOf(n) });
    await store.addEvent(
      { t: clock.now(), path: 'd', code: 'MINUTE', severity: 'info', state: 'once', text: String(n) },
      files,
    );
    await store.stateSet('i', 'n', n);
    await store.flush();
    tell({ kept: n });
    if (!isLaneOpen && (await store.lane.lanePlan(LANE)) === undefined)
      await store.lane.openLane(LANE, plan, { since: clock.now(), gone: [] });
    isLaneOpen = true;
    const batches = await store.lane.readLane(LANE, sent + 1, 200);
    for (const one of batches) tell({ batch: one.seq, hash: hashOf(one), ...('gap' in one ? { why: one.why } : {}) });
    sent = batches.at(-1)?.seq ?? sent;
    if (sent > OPEN) {
      // told first: what a lost ack brings again is no fault
      tell({ acked: sent - OPEN });
      store.lane.ackLane(LANE, [[1, sent - OPEN]]);
    }
  }

  for (let n = first; n < first + count && !isOver; n++) {
    try {
      await minute(n);
    } catch (error) {
      if (!(error instanceof SmxError)) throw error;
      tell({ refused: n, code: error.code, message: error.message });
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    if (isFlood) await flood();
    clock.advance(START + (n + 1) * 60_000 - clock.now());
  }
  await store.close();
  tell({ closed: true });
}

main().catch((error) => {
  tell({ failed: error.code ?? String(error), message: error.message });
  process.exitCode = 1;
});
