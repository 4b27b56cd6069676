import { Alarms, defineExtension, type CallDefinition, type SmxContext } from '@smx-edge/extension-api';
import { SmxError } from '@smx-edge/model';
import { openDriver } from './open-driver.js';
import { discover, test } from './probe.js';
import { EnergyRouter } from './router/energy-router.js';
import { HeldMemory } from './router/memory.js';
import { commandedModes, settingsOf, type RouterConfig } from './settings.js';

/** A call finds its router by the context of its instance. */
const running = new WeakMap<object, EnergyRouter>();

async function start(smx: SmxContext<RouterConfig>): Promise<void> {
  const settings = settingsOf(smx.config);
  const { driver, model } = openDriver(settings, smx);
  const router = new EnergyRouter({
    ...{ smx, settings, driver, model },
    modes: commandedModes(settings, driver.capabilities),
    memory: await HeldMemory.load(smx.state),
    alarms: await Alarms.load(smx.state, smx.log),
  });
  running.set(smx, router);
  router.run();
}

/** How the router fares, what is held and in force there, and who else told it something. */
const state: CallDefinition<RouterConfig> = {
  args: { type: 'object', properties: {}, additionalProperties: false },
  run: (_args, smx) => {
    const router = running.get(smx);
    if (router === undefined)
      throw new SmxError('SMX_EXTENSION_CALL', 'The router is not up yet; try again in a moment');
    return router.state;
  },
};

/** Reads and commands an Energy Router over MQTT, Modbus or REST. */
export default defineExtension<RouterConfig>({ start, test, discover, calls: { state } });
