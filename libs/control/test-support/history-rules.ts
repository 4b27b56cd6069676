import type { Authority } from '@smx-edge/access';
import { COMMAND_OUTCOMES, type CommandOutcome } from '@smx-edge/model';
import { clamp } from '../src/interval.js';
import { LONGEST, type Facts, type Sent } from './history-facts.js';
import type { CommandRecord } from '../src/record.js';
import type { World } from './world.js';

function fault(what: string, detail: unknown): never {
  throw new RangeError(`${what}: ${JSON.stringify(detail)}`);
}

/** A slow or late device, and a mute one, is done with everything it was given after this, ms. */
const CALM = 45_000;

/** A device that does not take its default is given it again after this at the latest, ms. */
const LONGEST_RETRY = 61_000;
/** What ends, or comes, is on the device within this, ms. */
const CHANGE = 1000;

/** What must hold at every moment. */
export function look({ sent, calm }: Facts, world: World): void {
  const now = world.clock.monotonic();
  if (world.device.habit !== 'obey' || !world.up || now - calm < CALM || now - world.device.keptAt < LONGEST_RETRY)
    return;
  belongs(world);
  const of = world.device.of;
  if (of === undefined) {
    if (world.device.value !== 0) fault('a value of nobody is on the device', world.device.value);
    return;
  }
  if (!sent.has(of)) fault('a command that nobody sent is on the device', of);
  const { hasForgotten, isTrue, value: shown } = world.device;
  const live = [...sent.values()].filter(({ id, due }) => now <= due + 1000 && now <= cancelledAt(world, id) + 1000);
  const isLimited = (watts: number): boolean =>
    live.some(({ value, limit }) => value === undefined && limit === Math.abs(shown) && Math.abs(watts) >= limit);
  // a newer command for the same value takes it over without a write
  const backed = live.some(
    ({ value }) =>
      value !== undefined &&
      (hasForgotten || !isTrue || world.storeFails || clamp(value, world.hard) === shown || isLimited(value)),
  );
  if (!backed) fault('what is on the device ended more than a second ago', { of, value: world.device.value, now });
  if (hasForgotten) forgotten(world);
}

/** The order of contracts §4. */
const ORDER: readonly Authority[] = ['emergency', 'dso', 'owner', 'agent', 'controller'];

/** The strongest command has the point: by authority, then priority, then the newest; bounded by the site and by limits as strong as it. */
function belongs(world: World): void {
  const { device, hard, told } = world;
  const last = Math.max(device.toldAt, told.at(-1)?.mono ?? -Infinity);
  const isSettling = world.storeFails || world.latency > 1 || world.clock.monotonic() - last <= CHANGE;
  if (device.hasForgotten || !device.isTrue || isSettling) return;
  const live = [...world.rows.values()].filter(({ over }) => over !== true);
  const rank = ({ authority }: CommandRecord): number => ORDER.indexOf(authority);
  // the store has them as they came
  const [holder] = live
    .filter(({ limit }) => limit === undefined)
    .reverse()
    .sort((a, b) => rank(a) - rank(b) || b.priority - a.priority);
  if (holder === undefined) return;
  const most = live.flatMap((record) =>
    record.limit !== undefined && rank(record) <= rank(holder) ? record.limit.max! : [],
  );
  const bound = Math.min(...most, Infinity);
  const value = clamp(clamp(Number(holder.value), { min: -bound, max: bound }), hard);
  if (Math.abs(device.value - value) > 0.1)
    fault('not the strongest command is on the device, or not within all limits', {
      holder,
      value,
      device: device.value,
    });
}

/** What was verified and is lost is written again, or somebody is called. */
function forgotten(world: World): void {
  const last = world.told.findLast(({ record, stage }) => stage.state === 'applied' && record.limit === undefined);
  // its default is what it was told
  if (last === undefined || last.stage.value === world.device.value) return;
  const record = world.rows.get(`${last.record.principal}\n${last.record.id}`);
  if (record?.outcome !== 'verified' || record.over === true) return;
  const isCalled = world.alarms.findLast(({ code }) => code === 'command.lost')?.raised === true;
  if (!isCalled) fault('the device lost what was verified, and nobody wrote it again or called', record);
}

/** When its party was told that a command is cancelled. */
function cancelledAt(world: World, id: string): number {
  const over = world.told.find(({ record, stage }) => record.id === id && stage.reason === 'cancelled');
  return over?.mono ?? Infinity;
}

const isOutcome = (state: string): boolean => (COMMAND_OUTCOMES as readonly string[]).includes(state);

/** What must hold once everything is over: lets all leases end with a device that obeys, then looks at the whole history. */
export function conclude({ sent }: Facts, world: World): void {
  world.device.habit = 'obey';
  world.storeFails = false;
  world.latency = 1;
  world.pass(40_000);
  world.deviceUp();
  world.pass(2 * LONGEST);
  if (world.device.value !== 0) fault('the device is not at its default at the end', world.device);
  if (world.heldPoints.size > 0) fault('the store takes the device for held', [...world.heldPoints]);
  if (world.arbiter.size > 0) fault('commands are left', [...world.arbiter.open]);
  outcomes(world);
  writes(sent, world);
}

/** Each command that was kept has exactly one outcome, and nobody was ever told another. */
function outcomes(world: World): void {
  const told = new Map<string, Set<CommandOutcome>>();
  for (const { record, stage } of world.told)
    if (isOutcome(stage.state))
      told.set(record.id, (told.get(record.id) ?? new Set()).add(stage.state as CommandOutcome));
  for (const { id, outcome, over, stages } of world.rows.values()) {
    if (outcome === undefined || over !== true) fault('a command without an outcome', { id, stages });
    if (stages.filter(({ state }) => isOutcome(state)).length !== 1) fault('not exactly one outcome', { id, stages });
    for (const one of told.get(id) ?? []) if (one !== outcome) fault('another outcome was told', { id, one, outcome });
  }
}

/** Nothing reached the device twice, after its lease, out of bounds, or without being sent. */
function writes(sent: ReadonlyMap<string, Sent>, world: World): void {
  const sessions = new Map<string, number>();
  for (const { id, value, mono, wall, hard, session } of world.device.writes) {
    const known = sent.get(id) ?? fault('written without being sent', id);
    if (known.value === undefined) fault('a limit was written', known);
    if (mono >= known.due) fault('written after its lease', { known, mono });
    if (known.until !== undefined && wall >= known.until) fault('written after its time', { known, wall });
    if (mono > cancelledAt(world, id)) fault('written after it was cancelled', known);
    const [min, max] = known.between;
    if (Number(value) < Math.max(-5000, hard.min) || Number(value) > Math.min(5000, hard.max))
      fault('written out of the bounds of the site', { known, value, hard });
    if (known.value < min || known.value > max) fault('written outside of its grant', known);
    if ((sessions.get(id) ?? session) !== session) fault('executed again after a restart', known);
    sessions.set(id, session);
  }
}
