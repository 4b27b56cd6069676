import { COMMAND_ENDS, COMMAND_OUTCOMES, type CommandState } from '@smx-edge/model';
import {
  FIRST_PAUSE,
  LONGEST_PAUSE,
  MEMORY,
  OUTCOME_TIME,
  PACE,
  type Order,
  type OrderAsk,
  type OrderStage,
} from '../dispatch/order.js';
import type { Database } from './database.js';
import { isItsTurn, mayGo, obstacle, pacedBy, waits } from './holds.js';

/** Orders that are sent at one go. */
const MOST = 500;
/** The slot of a stage that is about the whole. */
const WHOLE = -1;
/** The first parameter as a time, ms UTC. */
const NOW = 'cast($1 as bigint)';
/** What is read of an order; `$3` is now, ms UTC. */
const FIELDS = `site.name as site, id, kind, point, body, issued, until, sent, cancelled, command.state, outcome,
  ${waits('$3')} as waits`;
const JOINED = 'command join site on site.key = command.site';

type Row = Omit<Order, 'body' | 'isCancelled'> & { readonly body: string; readonly cancelled: number };
type Key = readonly [site: number, id: string];

const orderOf = ({ body, cancelled, ...row }: Row): Order => ({
  ...row,
  body: JSON.parse(body) as Order['body'],
  isCancelled: cancelled === 1,
});

/** An outcome that is not what was asked, to be told once. */
interface Fault {
  readonly key: number;
  readonly site: string;
  readonly detail: string;
}

/** The record of commands and schedules: each (site, id) once, and its stages as the box told them. */
export class Orders {
  constructor(private readonly db: Database) {}

  /** Keeps an order, durable when resolved; one whose id is there already stays as it was. False: there is no such box. */
  async put(site: string, ask: OrderAsk, now: number): Promise<boolean> {
    const { id, kind, point, body, until, hb = null } = ask;
    const key = await this.find(site);
    if (key === undefined) return false;
    await this.db.rows(
      `insert into command (site, id, kind, point, body, hb, issued, until, due) values ($1, $2, $3, $4, $5, $6, $7, $8, $7)
       on conflict do nothing`,
      [key, id, kind, point, JSON.stringify(body), hb, now, until],
    );
    return true;
  }

  /** As it stands at `now`, ms UTC. */
  async get(
    site: string,
    id: string,
    now: number,
  ): Promise<(Order & { readonly stages: readonly OrderStage[] }) | undefined> {
    const [row] = await this.db.rows<Row>(`select ${FIELDS} from ${JOINED} where site.name = $1 and id = $2`, [
      ...[site, id, now],
    ]);
    return row && { ...orderOf(row), stages: await this.stages(site, id) };
  }

  /** As they stand at `now`, the newest first. */
  async list(site: string, limit: number, now: number): Promise<Order[]> {
    const rows = await this.db.rows<Row>(
      `select ${FIELDS} from ${JOINED} where site.name = $1 order by issued desc, id limit $2`,
      [site, limit, now],
    );
    return rows.map(orderOf);
  }

  /** Ends it: at once where no box can have heard of it, else by asking the box. */
  async cancel(site: string, id: string, now: number): Promise<void> {
    await this.db.rows(
      `update command set cancelled = 1, due = $3
       where site = $1 and id = $2 and state not in ('refused', 'expired', 'ended', 'cancelled', 'unanswered')`,
      [await this.find(site), id, now],
    );
    await this.expire(now);
  }

  /**
   * Those that are due at boxes that are on line and offer the set-point, no more than a box takes now: those that end
   * something first, then the oldest. Each is given to one worker, and due again after a pause.
   */
  async claim(now: number): Promise<Order[]> {
    await this.expire(now);
    const claimed = await this.db.atomic((inside) => this.take(inside, now));
    const orders: Order[] = [];
    for (const { site, id } of claimed) {
      const rows = await this.db.rows<Row>(`select ${FIELDS} from ${JOINED} where command.site = $1 and id = $2`, [
        ...[site, id, now],
      ]);
      orders.push(...rows.map(orderOf));
    }
    return orders.sort((a, b) => a.issued - b.issued);
  }

  private async take(inside: Database, now: number): Promise<{ site: number; id: string }[]> {
    const claimed = await inside.rows<{ site: number; id: string }>(
      `update command set sent = sent + 1,
         due = cast($1 as bigint) + case when sent > 6 then ${LONGEST_PAUSE} else ${FIRST_PAUSE} * (1 << sent) end
       where due <= $1 and (site, id) in (select site, id from (
         select command.site, id, due, paced,
           row_number() over (partition by command.site order by cancelled desc, due, issued, id) as place
         from ${JOINED} where due <= $1 and site.state = 'online' and ${mayGo('$1')}) queue
         where ${isItsTurn('place', NOW)} order by due limit ${MOST})
       returning site, id`,
      [now],
    );
    const counts = new Map<number, number>();
    for (const { site } of claimed) counts.set(site, (counts.get(site) ?? 0) + 1);
    for (const [site, count] of [...counts].sort(([a], [b]) => a - b))
      await inside.rows(`update site set paced = ${NOW} + ${pacedBy(NOW)} + $3 where key = $2`, [
        now,
        site,
        count * PACE,
      ]);
    return claimed;
  }

  /**
   * A box is on line, or this worker is again: answers may have passed by, so what has no outcome is asked after now, and
   * what should still be in force, whether it is.
   */
  async wake(site: string, now: number): Promise<void> {
    await this.db.rows(
      `update command set due = $2
       where site = $1 and ((due > $2 and outcome is null and (state = 'queued' or kind = 'command'))
         or (due is null and kind = 'command' and until > $2 and state in ('verified', 'clamped', 'unverified')))`,
      [await this.find(site), now],
    );
  }

  /** Due again after `pause`, ms, because the box asked for it. */
  async later(site: string, id: string, due: number): Promise<void> {
    await this.db.rows('update command set due = $3 where site = $1 and id = $2', [await this.find(site), id, due]);
  }

  /** Notes a stage; one that came before changes nothing. False: there is no such order. */
  async note(
    site: string,
    id: string,
    { stage, now }: { readonly stage: OrderStage; readonly now: number },
  ): Promise<boolean> {
    const key = await this.find(site);
    if (key === undefined) return false;
    return this.db.atomic(async (inside) => {
      const [order] = await inside.rows<{ kind: string; until: number; outcome: string | null }>(
        'select kind, until, outcome from command where site = $1 and id = $2',
        [key, id],
      );
      if (order === undefined) return false;
      const isForgotten = neverHad(stage, order.until <= now);
      const told = isForgotten ? expired(stage) : stage;
      // it once told the outcome, and knows of it no more
      const isNew =
        !(isForgotten && order.outcome !== null) && (await this.add(inside, [key, id], { stage: told, now }));
      if (told.slot !== null) return true;
      if (isNew) await this.advance(inside, [key, id], { stage: told, now, isSchedule: order.kind === 'schedule' });
      // a box that is asked again says the last that it has
      else if (isLast(told)) await inside.rows('update command set due = null where site = $1 and id = $2', [key, id]);
      return true;
    });
  }

  /** Orders without the answer that is due by now, by site: the oldest of each, and how many there are. */
  async late(now: number): Promise<{ site: string; id: string; point: string; issued: number; count: number }[]> {
    return this.db.rows(
      `select site.name as site, min(id) as id, min(point) as point, min(issued) as issued, count(*) as count from ${JOINED}
       where due is not null and issued <= $1 and outcome is null
         and (command.state = 'queued' or (kind = 'command' and command.state in ('received', 'accepted', 'applied')))
       group by site.name`,
      [now - OUTCOME_TIME],
    );
  }

  /** Shortest heartbeat that is asked for at each box that is on line, ms. */
  async beats(now: number): Promise<{ site: string; hb: number }[]> {
    return this.db.rows(
      `select site.name as site, min(hb) as hb from ${JOINED}
       where hb is not null and until > $1 and cancelled = 0 and site.state = 'online' and sent > 0
         and command.state not in ('refused', 'expired', 'ended', 'cancelled')
       group by site.name`,
      [now],
    );
  }

  /** Outcomes that are not what was asked and were not told yet. */
  async faults(): Promise<Fault[]> {
    const rows = await this.db.rows<
      OrderStage & { key: number; site: string; id: string; point: string; slot: number }
    >(
      `select stage.key, site.name as site, stage.id, point, slot, stage.state, code, reason from command_stage stage
       join command on command.site = stage.site and command.id = stage.id join site on site.key = stage.site
       where told is null and stage.state in ('refused', 'expired', 'clamped', 'ignored', 'unverified', 'unanswered')
       order by stage.key limit 1000`,
    );
    return rows.map(({ key, site, id, point, slot, state, code, reason }) => {
      const what = slot === WHOLE ? id : `value ${slot} of ${id}`;
      const why = [code, reason].filter(Boolean).join(': ');
      return { key, site, detail: `${what} to ${point}: ${state}${why === '' ? '' : ` (${why})`}` };
    });
  }

  async told(inside: Database, key: number, now: number): Promise<void> {
    await inside.rows('update command_stage set told = $2 where key = $1', [key, now]);
  }

  private async find(site: string): Promise<number | undefined> {
    const [row] = await this.db.rows<{ key: number }>('select key from site where name = $1', [site]);
    return row?.key;
  }

  private async stages(site: string, id: string): Promise<OrderStage[]> {
    const rows = await this.db.rows<Record<'value' | 'measured' | 'code' | 'reason', string | null> & { slot: number }>(
      `select slot, command_stage.state, t, value, measured, code, reason from command_stage
       join site on site.key = command_stage.site where site.name = $1 and id = $2 order by command_stage.key`,
      [site, id],
    );
    return rows.map(({ slot, value, measured, code, reason, ...rest }) => ({
      ...(rest as unknown as OrderStage),
      slot: slot === WHOLE ? null : slot,
      ...(value === null ? {} : { value: JSON.parse(value) as never }),
      ...(measured === null ? {} : { measured: JSON.parse(measured) as never }),
      ...(code === null ? {} : { code }),
      ...(reason === null ? {} : { reason }),
    }));
  }

  /** False where this stage is there already. */
  private async add(
    inside: Database,
    [site, id]: Key,
    { stage, now }: { stage: OrderStage; now: number },
  ): Promise<boolean> {
    const { slot, state, t, value, measured, code = null, reason = null } = stage;
    const json = (what: unknown): string | null => (what === undefined ? null : JSON.stringify(what));
    const added = await inside.rows(
      `insert into command_stage (site, id, slot, state, t, value, measured, code, reason, heard)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict do nothing returning state`,
      [site, id, slot ?? WHOLE, state, t, json(value), json(measured), code, reason, now],
    );
    return added.length > 0;
  }

  /** Moves the order on; the first outcome is the only one. */
  private async advance(
    inside: Database,
    [site, id]: Key,
    { stage, now, isSchedule }: { stage: OrderStage; now: number; isSchedule: boolean },
  ): Promise<void> {
    const { state, t } = stage;
    const outcome = includes(COMMAND_OUTCOMES, state) ? state : null;
    const isDone = isLast(stage);
    // a schedule that is accepted runs to its end, and is asked after then
    const next = isDone
      ? 'null'
      : isSchedule
        ? `case when until > $5 then until else cast($5 as bigint) end + ${OUTCOME_TIME}`
        : `cast($5 as bigint) + ${OUTCOME_TIME}`;
    await inside.rows(
      `update command set state = case when reached <= $4 then $3 else state end,
         reached = case when reached <= $4 then $4 else reached end, outcome = coalesce(outcome, $6),
         due = case when cancelled = 1 and $7 = 0 then due when due is null then null else ${next} end
       where site = $1 and id = $2 and cast($5 as bigint) >= 0`,
      [site, id, state, t, now, outcome, isDone ? 1 : 0],
    );
  }

  /** What no box can have heard of when its time is over never happens; what none answers in a week never will be. */
  private async expire(now: number): Promise<void> {
    const over = await this.db.rows<{ site: number; id: string; sent: number; why: string | null }>(
      `select command.site, id, sent, ${obstacle('$1')} as why from ${JOINED} where due is not null and (
         (sent = 0 and (until <= $1 or cancelled = 1)) or (outcome is null and until <= $2))`,
      [now, now - MEMORY],
    );
    for (const { site, id, sent, why } of over) {
      const unsent = `it never left: ${why ?? 'no worker had a connection to the broker, or it was cancelled before'}`;
      const reason = sent > 0 ? 'the box did not say what became of it' : unsent;
      const state = (sent > 0 ? 'unanswered' : 'expired') as CommandState;
      await this.db.atomic(async (inside) => {
        await this.add(inside, [site, id], { stage: { slot: null, state, t: now, reason }, now });
        await inside.rows(
          `update command set state = $3, due = null, outcome = $4 where site = $1 and id = $2 and sent = $5`,
          [site, id, state, sent > 0 ? null : 'expired', sent],
        );
      });
    }
  }
}

/** After its end a box refuses what it never had: that is an order that was never carried out. */
const neverHad = ({ state, code }: OrderStage, isOver: boolean): boolean =>
  isOver && state === 'refused' && (code === 'SMX_COMMAND_STALE' || code === 'SMX_COMMAND_CLOCK');

const expired = (stage: OrderStage): OrderStage => ({ ...stage, state: 'expired', reason: 'the box never had it' });

/** Whether a box has nothing to add by itself that matters to the order. */
const isLast = ({ state }: OrderStage): boolean => includes(COMMAND_OUTCOMES, state) || includes(COMMAND_ENDS, state);

const includes = (states: readonly CommandState[], state: CommandState): boolean => states.includes(state);
