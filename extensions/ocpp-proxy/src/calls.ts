import type { CallDefinition, SmxContext } from '@smx-edge/extension-api';
import { SmxError } from '@smx-edge/model';
import { INJECT_ARGS, PLAIN_ACTIONS, type InjectArgs } from './inject/inject.js';
import { running } from './running.js';
import type { ProxyConfig } from './settings.js';
import type { Site } from './site.js';

function siteOf(smx: SmxContext<ProxyConfig>): Site {
  const site = running.get(smx)?.site;
  if (site === undefined) throw new SmxError('SMX_EXTENSION_CALL', 'The proxy is not up yet; try again in a moment');
  return site;
}

/** Sends a CALL to a charge point and answers what it answered; its back end does not notice. */
export const inject: CallDefinition<ProxyConfig> = {
  args: INJECT_ARGS,
  detail: 'action',
  plain: PLAIN_ACTIONS,
  run: (args, smx) => siteOf(smx).inject(args as InjectArgs),
};

/** How a charge point stands, or without `station` all of them: links, sessions, limits, injections. Throws SMX_EXTENSION_CALL. */
export const status: CallDefinition<ProxyConfig> = {
  args: {
    type: 'object',
    additionalProperties: false,
    properties: { station: { type: 'string', minLength: 1, maxLength: 255 } },
  },
  run: (args, smx) => {
    const { station } = args as { readonly station?: string };
    const site = siteOf(smx);
    if (station === undefined) return { stations: site.identities.map((identity) => site.status(identity)) };
    if (!site.knows(station))
      throw new SmxError('SMX_EXTENSION_CALL', `No charge point "${station}" is known; call without \`station\` to see those that are`); // prettier-ignore
    return site.status(station);
  },
};
