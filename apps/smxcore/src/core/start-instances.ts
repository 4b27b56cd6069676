import type { Principals } from '@smx-edge/access';
import type { ExtensionHost } from '@smx-edge/extension-host';
import { SmxError, describeError, type Log } from '@smx-edge/model';
import type { HealthSources } from './health.js';
import type { InstancePlan } from './instances.js';

/** How long extensions may take to stop, ms; the whole core has 10 s. */
const STOP_TIME = 7_000;

/** Instances fail one by one as states of their own; a host that fails as a whole leaves the rest of the box up. */
export async function startInstances(job: {
  host: ExtensionHost;
  plan: InstancePlan['start'];
  principals: Principals;
  log: Log;
  /** The config may name more of them than can be read. */
  keepOthers: boolean;
}): Promise<void> {
  const { keepOthers } = job;
  try {
    await job.host.start(withoutTaken(job.plan, job.principals), { keepOthers });
  } catch (error) {
    job.log.error('the extensions could not be started', { error: describeError(error) });
  }
}

/** An instance under the name of a token would act, and be acted for, as that party: it is refused, visibly. */
function withoutTaken(plan: InstancePlan['start'], principals: Principals): InstancePlan['start'] {
  const taken = new Set(principals.list().map(({ name }) => name));
  return Object.fromEntries(
    Object.entries(plan).map(([name, instance]) => {
      if (!taken.has(name)) return [name, instance];
      const text = `the name "${name}" is taken by a user or token; rename the instance or revoke \`${name}\``;
      return [name, { use: instance.use, problem: new SmxError('SMX_ACCESS_NAME_TAKEN', text) }];
    }),
  );
}

/** Ends them, or gives up after 7 s with SMX_EXTENSION_TIMEOUT. */
export async function stopInstances(host: ExtensionHost): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new SmxError('SMX_EXTENSION_TIMEOUT', `not all instances stopped within ${STOP_TIME / 1000} s`)),
      STOP_TIME,
    );
  });
  try {
    await Promise.race([host.stop(), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** What health says of all of them. */
export function hostState(host: ExtensionHost): ReturnType<HealthSources['extensions']> {
  const all = host.list();
  return {
    settled: all.every(({ state }) => state !== 'starting'),
    failed: all.filter(({ state }) => state === 'failed' || state === 'quarantined').map(({ id }) => id),
    running: all.filter(({ state }) => state === 'running' || state === 'degraded').length,
  };
}
