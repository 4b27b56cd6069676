import { startMosquitto, type Mosquitto } from '../../libs/northbound/test-support/mosquitto.js';
import { Box } from './matrix/box.js';
import { lookBack, Matrix } from './matrix/cells.js';
import { LinkParty, Sniffer, type Shown } from './matrix/outside.js';
import * as world from './matrix/world.js';

const { LOOKS, PARTIES, POINTS, PROFILES } = world;
/** One of the roles is for a token that expires; a link has no end of its own. */
const ROLES = Object.keys(PARTIES).filter((name) => name !== 'expiring');

function lookAt(matrix: Matrix, party: LinkParty, { k, exit, shown }: { k: number; exit: string; shown: Shown }): void {
  const { name } = party;
  const granted = new Set<string>();
  for (const point of POINTS) {
    const { device, path } = point;
    const grant = world.grantOn(name, point, 'read', k);
    if (grant !== undefined) granted.add(device).add(path);
    const values = grant === undefined ? [undefined] : world.readable(grant, point, k);
    matrix.cell(`${name} at ${k} s, ${path}, now ${exit}`, shown.now[path], values);
    const entry = shown.cat.points.find((one) => one['path'] === path);
    const given = entry && [entry['every'], entry['as'], entry['write']];
    matrix.cell(`${name} at ${k} s, ${path}, cat ${exit}`, given, [world.entryOn(name, point, k)]);
  }
  for (const device of new Set(POINTS.map((point) => point.device))) {
    const plate = granted.has(`${device}/serial`) ? `plate of ${device}` : undefined;
    const found = shown.cat.devices.find((one) => one['name'] === device);
    const given = found && [found['serial'], found['manufacturer']];
    const allowed = granted.has(device) ? [plate, plate && `maker of ${device}`] : undefined;
    matrix.cell(`${name} at ${k} s, ${device}, devices of cat ${exit}`, given, [allowed]);
  }
  for (const path of PROFILES) {
    const isNamed = shown.cat.profiles.some(({ device, id }) => `${device}/${id}` === path);
    const isGranted = world.visibleRows(name, path, k) !== undefined;
    matrix.cell(`${name} at ${k} s, ${path}, profiles of cat ${exit}`, isNamed || undefined, [isGranted || undefined]);
  }
}

/** Over the whole run: every row of the certain lane is one of the granted form, at its time. */
function lookAtRows(matrix: Matrix, party: LinkParty, last: number): void {
  const { name, rows } = party;
  for (const point of POINTS) {
    const allowed = new Set<string>();
    for (let k = 0; k <= last; k++) {
      const grant = world.grantOn(name, point, 'read', k);
      // of a rate it is the last sample of each part: one of the samples
      const samples = grant === undefined ? [] : world.historyRows({ ...grant, 'max-rate': undefined }, point, k);
      for (const [s, value] of samples) allowed.add(`${world.START + s * 1000} ${JSON.stringify(value)}`);
    }
    const leaked = [...(rows.get(point.path) ?? [])].filter((row) => !allowed.has(row));
    matrix.cell(`${name}, ${point.path}, rows of the certain lane`, leaked.slice(0, 3), [[]]);
  }
  const unknown = [...rows.keys()].filter((path) => path.startsWith('id '));
  matrix.cell(`${name}, rows of ids that no catalogue had`, unknown, [[]]);
}

describe('the negative matrix over links: link × point × condition, sniffed at an outside broker', () => {
  const box = new Box();
  let broker: Mosquitto;
  let sniffer: Sniffer;

  beforeAll(async () => {
    broker = await startMosquitto();
    sniffer = await Sniffer.listen(broker.port);
    for (const role of ROLES) sniffer.parties.push(new LinkParty(role, `smx/1/matrix/l-${role}/`));
    await box.start(
      Object.fromEntries(
        // with a period of `now` that is over at each second of the test's clock
        ROLES.map((role) => [`l-${role}`, { url: `mqtt://127.0.0.1:${broker.port}`, role, now: '100ms' }]),
      ),
    );

    while (!sniffer.parties.every(({ isOnline }) => isOnline)) await new Promise((resolve) => setTimeout(resolve, 20));
  }, 60_000);

  afterAll(async () => {
    await box.stop();
    await sniffer.end();
    await broker.remove();
  });

  it('brings each party exactly its granted form, keeps nothing of what ended, and nothing else ever', async () => {
    const matrix = new Matrix();
    let k = 0;
    for (const look of LOOKS) {
      while (k < look) await box.second(++k);
      await sniffer.settle();
      const kept = await sniffer.kept();
      for (const party of sniffer.parties) {
        lookAt(matrix, party, { k, exit: 'as it came', shown: party });
        lookAt(matrix, party, { k, exit: 'as it is kept', shown: kept.get(party)! });
      }
    }
    for (const party of sniffer.parties) {
      lookBack(matrix, party, { base: party.base, last: k });
      lookAtRows(matrix, party, k);
    }
    expect(matrix.wrong.slice(0, 40)).toEqual([]);
    expect(sniffer.stray.filter((topic) => topic !== 'smx/mark')).toEqual([]);
    // those that were granted something raw got it by the lane too
    expect(sniffer.parties.find(({ name }) => name === 'exact')!.rows.get('pcc/voltage/l1')?.size).toBeGreaterThan(100);
    expect(sniffer.parties.flatMap(({ name, misshapen }) => misshapen.slice(0, 2).map((one) => [name, one]))).toEqual(
      [],
    );
    const root = sniffer.parties.find(({ name }) => name === 'root')!;
    expect([...root.batches.keys()].sort()).toEqual(['t/event', 't/inst', 't/profile']);
    expect(matrix.cells).toBeGreaterThan(10_000);
    // a matrix of refusals alone would also pass on a box that sends nothing
    expect(matrix.granted).toBeGreaterThan(4000);
  }, 120_000);
});
