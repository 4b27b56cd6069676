import type { DiscoverStep, TestResult, Tools } from '@smx-edge/extension-api';
import { describeError, isSmxError } from '@smx-edge/model';
import type { Told } from './driver.js';
import type { Phases } from './model/modes.js';
import { topicsOf } from './mqtt/topics.js';
import { openDriver } from './open-driver.js';
import { settingsOf, type RouterConfig } from './settings.js';

/** Routers tell each 2 s to 30 s, ms. */
const LISTENS = 32_000;
const LOOK = 100;
const MEASURES = '/ER/SMX/';

/** Does a router answer behind this config? Nothing is written. */
export async function test(config: RouterConfig, tools: Tools): Promise<TestResult> {
  const stops: (() => void)[] = [];
  try {
    const told = new Map<string, Told>();
    const timers: NodeJS.Timeout[] = [];
    stops.push(() => timers.forEach(clearInterval));
    const { driver, model } = openDriver(settingsOf(config), {
      ...{ mqtt: tools.mqtt, modbus: tools.modbus, now: tools.now },
      every: (ms, fn) => timers.push(setInterval(() => void fn(), ms)),
      onStop: (fn) => stops.push(fn),
    });
    driver.connect({
      tell: (all) => {
        for (const each of all) told.set(each.path, each);
      },
      foreign: () => undefined,
    });
    await waitFor(() => driver.state.isUp);
    const { isUp, text } = driver.state;
    const values = Object.fromEntries([...told.values()].map(({ path, value }) => [path, value]));
    if (!isUp) return { ok: false, text: text ?? 'The router tells nothing', data: values };
    const names = [...told.keys()].join(', ');
    return { ok: true, text: `${model}: ${names}${text === undefined ? '' : `; ${text}`}`, data: values };
  } catch (error) {
    return { ok: false, text: isSmxError(error) ? error.message : describeError(error) };
  } finally {
    for (const stop of stops) stop();
  }
}

/** Is there a router at this broker, and of how many phases? A map of registers or resources cannot be guessed. */
export async function* discover(source: string, tools: Tools): AsyncGenerator<DiscoverStep> {
  if (!/^mqtts?:/.test(source)) {
    yield { progress: 1, text: 'Only routers on MQTT can be found: registers and resources are what a map says' };
    return;
  }
  yield { progress: 0, text: `listening on ${MEASURES}#` };
  const link = tools.mqtt(source);
  const topics = new Set<string>();
  link.subscribe(`${MEASURES}#`, ({ topic }) => topics.add(topic.slice(MEASURES.length)));
  const phases = (): Phases | undefined => phasesOf(topics);
  await waitFor(() => phases() !== undefined);
  const found = phases();
  const { status, text } = link.state;
  await link.close();
  if (found !== undefined) {
    const title = `Energy Router of ${found} phase${found === 'one' ? '' : 's'}`;
    yield { progress: 1, found: { title, config: { source, phases: found }, data: { topics: [...topics] } } };
  } else yield { progress: 1, text: status === 'connecting' ? (text ?? 'no broker') : `Nothing comes on ${MEASURES}#` };
}

/** By a topic that only a router of so many phases has. */
function phasesOf(topics: ReadonlySet<string>): Phases | undefined {
  const of = (phases: Phases): Set<string> => new Set(topicsOf(phases).measures.map(({ topic }) => topic));
  const [one, three] = [of('one'), of('three')];
  for (const topic of topics) if (one.has(topic) !== three.has(topic)) return one.has(topic) ? 'one' : 'three';
  return undefined;
}

async function waitFor(condition: () => boolean): Promise<void> {
  for (let waited = 0; !condition() && waited < LISTENS; waited += LOOK)
    await new Promise((resolve) => setTimeout(resolve, LOOK));
}
