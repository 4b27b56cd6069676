import { readFileSync } from 'node:fs';
import { isCapture, readCapture } from '@smx-edge/extension-api/transports';
import { findExtensions, replayCapture, type InstalledExtension, type InstanceConfig } from '@smx-edge/extension-host';
import { SmxError, silentLog } from '@smx-edge/model';
import { loadConfig } from '../../config/index.js';
import { extensionFolders, planInstances } from '../../core/instances.js';
import { text, type CommandRun, type Invocation } from '../command.js';
import { jsonObject } from '../json-argument.js';
import { complain, print } from '../out.js';
import { configFile } from '../target.js';
import { timeText, valueText } from '../values.js';

/** What reads a capture where nothing else is said. */
const USUAL = 'p1-reader';

interface Driver {
  readonly extension: InstalledExtension;
  readonly instance: InstanceConfig;
  readonly timezone: string;
}

/** The driver: `--use` with `--values`, or an instance of the config, by name or by the source of the capture. */
function driverFor(invocation: Invocation, source: string): Driver {
  const { config, document, problems } = loadConfig(configFile(invocation));
  if (config === undefined || document === undefined)
    throw new SmxError(
      'SMX_CONFIG_INVALID',
      `the config cannot be used (${problems.length} problems; see \`smx check\`)`,
    );
  const installed = findExtensions(extensionFolders(config));
  const planned = planInstances(config, document).start;
  const use = text(invocation, 'use');
  const id =
    text(invocation, 'instance') ??
    (use === undefined ? Object.keys(planned).find((name) => sourceOf(planned[name]) === source) : undefined);
  const given = text(invocation, 'values');
  const values = given === undefined ? {} : jsonObject('--values', given);
  const base = id === undefined ? undefined : planned[id];
  if (id !== undefined && base === undefined)
    throw new SmxError('SMX_CONFIG_INVALID', `there is no instance "${id}" in ${config.file}`);
  const extension = installed.find((other) => other.use === (base?.use ?? use ?? USUAL));
  if (extension === undefined)
    throw new SmxError('SMX_EXTENSION_UNKNOWN', `No extension "${base?.use ?? use ?? USUAL}" is installed`);
  const settings = { source, ...(base?.config as object | undefined), ...values };
  return {
    extension,
    // only an instance of the config has what its operator allowed it; what is first-party needs no allowing
    instance: { ...(base ?? { use: extension.use, allow: {} }), config: settings },
    timezone: config.timezone,
  };
}

function sourceOf(instance: InstanceConfig | undefined): unknown {
  const { config } = instance ?? {};
  return typeof config === 'object' && config !== null && 'source' in config ? config.source : undefined;
}

/** `smx replay FILE [--use NAME | --instance ID] [--values JSON]`: what the driver sets; 1 where it sets nothing or something throws. */
export const replay: CommandRun = async (invocation) => {
  const [file = ''] = invocation.args;
  const json = invocation.values['json'] === true;
  let capture: Uint8Array;
  try {
    capture = readFileSync(file);
  } catch (cause) {
    throw new SmxError('SMX_CONFIG_INVALID', `${file} cannot be read`, { cause });
  }
  if (!isCapture(capture))
    throw new SmxError('SMX_CONFIG_INVALID', `${file} is no capture: it does not begin with "smx-capture 1"`);
  const driver = driverFor(invocation, readCapture(capture.subarray(0, 4096)).source);
  const summary = await replayCapture({
    ...driver,
    capture,
    log: silentLog,
    onSamples: (samples) => {
      for (const [path, value, t, quality, reason] of samples)
        if (json) print(JSON.stringify({ path, v: value, t, q: quality, ...(reason === undefined ? {} : { reason }) }));
        else print(`${timeText(t)}  ${path}  ${valueText(value)}${quality === 'good' ? '' : `  ${quality}`}`);
    },
  });
  for (const { origin, text: what } of summary.exceptions) complain(`exception in ${origin}: ${what}`);
  for (const path of summary.refused) complain(`${path} was set and not declared`);
  complain(
    `${summary.records} records gave ${summary.samples} values${summary.bad === 0 ? '' : `; ${summary.bad} lines are no records`}`,
  );
  return summary.samples > 0 && summary.exceptions.length === 0 ? 0 : 1;
};
