import { defineExtension, type SmxContext, type StatusState } from '@smx-edge/extension-api';
import { describeError, SmxError } from '@smx-edge/model';
import type { Health } from './line/health.js';
import { P1Line } from './line/p1-line.js';
import { Memory } from './memory.js';
import { MeterReader } from './meter/meter-reader.js';
import { discover, test } from './probe.js';
import { settingsOf, type P1Config } from './settings.js';
import { leavesSpeed } from './speed.js';

interface Reading {
  readonly line: P1Line;
  readonly meter: MeterReader;
}

/** What runs in this process, by its context: a call finds its instance. */
const running = new WeakMap<object, Reading>();

async function start(smx: SmxContext<P1Config>): Promise<void> {
  const settings = settingsOf(smx.config, smx.timezone);
  const meter = new MeterReader(smx, settings, await Memory.load(smx.state, smx.log));
  const raw = smx.open(settings.source);
  const line = new P1Line({
    ...settings,
    line: raw,
    searchSpeed: leavesSpeed(settings.source),
    now: smx.now,
    onTelegram: (telegram) => meter.take(telegram),
    onNotice: (notice) => meter.notice(notice),
    onFault: (error) => smx.log.warn('the speed of the line could not be set', { error: describeError(error) }),
  });
  running.set(smx, { line, meter });
  let said = '';
  const look = (): void => {
    const health = line.tick();
    meter.line(health);
    if (said === health.code + health.text) return;
    said = health.code + health.text;
    smx.status(severity(health), health.text);
  };
  smx.every('1s', look);
  smx.onStop(() => meter.keep());
  smx.status('busy', 'waiting for the first telegram');
  await line.run();
}

function severity({ code, reading }: Health): StatusState {
  if (code === 'ok') return 'ok';
  return code === 'waiting' ? 'busy' : reading ? 'warning' : 'error';
}

function reading(smx: object): Reading {
  const found = running.get(smx);
  if (found === undefined) throw new SmxError('SMX_EXTENSION_CALL', 'The reader is not up yet; try again in a moment');
  return found;
}

const NO_ARGUMENTS = { type: 'object', properties: {}, additionalProperties: false } as const;

/** Reads a P1 port: the meter, the meters behind it, and the quarter-hour peak. */
export default defineExtension<P1Config>({
  start,
  test,
  discover,
  calls: {
    /** Month peaks of the last 13 months and the running one, W, oldest first. */
    peaks: {
      args: NO_ARGUMENTS,
      run: (_args, smx) => reading(smx).meter.months,
    },
    /** The newest telegram as received; it may hold personal data. */
    telegram: {
      args: NO_ARGUMENTS,
      run: (_args, smx) => reading(smx).meter.telegram ?? null,
    },
    /** What the line lost: frames by verdict, bytes skipped. */
    counters: {
      args: NO_ARGUMENTS,
      run: (_args, smx) => ({ ...reading(smx).line.counts }),
    },
  },
});
