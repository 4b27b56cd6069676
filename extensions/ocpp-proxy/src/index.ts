import { defineExtension, type SmxContext } from '@smx-edge/extension-api';
import { SmxError } from '@smx-edge/model';

export interface ProxyConfig {
  readonly listen: string;
  readonly backend: string;
}

function start(smx: SmxContext<ProxyConfig>): void {
  throw new SmxError('SMX_NOT_AVAILABLE', `${smx.instance} cannot relay yet`);
}

/** Relays charge points to their back end. */
export default defineExtension<ProxyConfig>({ start });
