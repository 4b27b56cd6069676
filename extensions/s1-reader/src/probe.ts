import { setTimeout as pause } from 'node:timers/promises';
import type { DiscoverStep, TestResult, Tools } from '@smx-edge/extension-api';
import { describeError } from '@smx-edge/model';
import { S1Line } from './line/s1-line.js';
import { atFirstSpeed, leavesSpeed } from './line/speed-trial.js';
import type { S1Config } from './settings.js';

/** Long enough for both speeds, twice, and for a port that is silent. */
const LONGEST = 15_000;

interface Step {
  readonly title?: string;
  readonly text: string;
  readonly share: number;
}

async function* listen(source: string, tools: Tools): AsyncGenerator<Step> {
  const raw = tools.open(atFirstSpeed(source));
  let title: string | undefined;
  const line = new S1Line({
    ...{ line: raw, searchSpeed: leavesSpeed(source), now: () => tools.now() },
    onBlock: ({ format, rate }) => {
      const wires = format.phases === 1 ? 'one phase' : format.wires === 3 ? 'three phases without a neutral' : 'three phases and a neutral'; // prettier-ignore
      title ??= `S1 port, ${wires}, ${Math.round(rate ?? 0)} samples a second`;
    },
    onFault: (error) => tools.log.warn('the speed of the line could not be set', { error: describeError(error) }),
  });
  const ended = line.run();
  const began = tools.now();
  try {
    for (;;) {
      await Promise.race([ended, pause(500)]);
      const { text } = line.tick();
      const share = Math.min(1, (tools.now() - began) / LONGEST);
      yield { ...(title !== undefined && { title }), text, share };
      if (title !== undefined || share >= 1 || raw.state.status === 'closed') return;
    }
  } finally {
    await raw.close();
    await ended;
  }
}

/** Do frames of an S1 port come? */
export async function test(config: S1Config, tools: Tools): Promise<TestResult> {
  let last = 'nothing was received';
  for await (const { title, text } of listen(config.source, tools)) {
    if (title !== undefined) return { ok: true, text: title };
    last = text;
  }
  return { ok: false, text: last };
}

/** Is there an S1 port on this line? */
export async function* discover(source: string, tools: Tools): AsyncGenerator<DiscoverStep> {
  for await (const { title, text, share } of listen(source, tools))
    if (title === undefined) yield { progress: share, text };
    else yield { progress: 1, found: { title, config: { device: 's1', source } } };
}
