import { silentLog, systemClock, Zone } from '@smx-edge/model';
import { Store } from '@smx-edge/datastore';
import { configError, loadConfig } from '../config/index.js';

/** Opens the whole store of a config for `work` and closes it again. Throws SMX_STORE_LOCKED where a core has it. */
export async function withStore<T>(file: string, work: (store: Store, zone: Zone) => Promise<T>): Promise<T> {
  const { config, problems } = loadConfig(file);
  if (config === undefined) throw configError(problems);
  const zone = new Zone(config.timezone);
  const { flush, budget, raw, minutes, keep } = config.history;
  const store = await Store.open({
    dir: config.data,
    clock: systemClock,
    zone,
    log: silentLog,
    flush,
    budget,
    raw,
    minutes,
    keep,
  });
  try {
    // it would give what lives in memory for what was kept
    if (store.fault !== undefined) throw store.fault;
    return await work(store, zone);
  } finally {
    await store.close();
  }
}
