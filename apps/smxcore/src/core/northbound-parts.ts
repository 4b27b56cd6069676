import { readFileSync } from 'node:fs';
import type { Gate, Principals } from '@smx-edge/access';
import type { Store } from '@smx-edge/datastore';
import type { Clock, Log } from '@smx-edge/model';
import { Lanes, Links, LocalBroker } from '@smx-edge/northbound';
import type { Config, Problem } from '../config/index.js';
import { VERSION } from '../version.js';
import { clockState } from './box-clock.js';
import { LinkPart } from './link-part.js';

/** What broker and links stand on. */
export interface NorthboundParts {
  readonly config: Config;
  readonly gate: Gate;
  readonly principals: Principals;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  /** When the core was started, ms UTC. */
  readonly boot: number;
  readonly lanes: Lanes;
}

/** The local broker, not yet listening; undefined where the config says that it is off. */
export function openBroker(parts: NorthboundParts): LocalBroker | undefined {
  const { broker: door } = parts.config;
  if (door === null) return undefined;
  const { config, gate, principals, store, clock, log, boot, lanes } = parts;
  const files = door.tls;
  return new LocalBroker({
    host: door.host,
    port: door.port,
    ...(files === null
      ? {}
      : { tls: () => ({ key: readFileSync(files.key, 'utf8'), cert: readFileSync(files.cert, 'utf8') }) }),
    site: config.site,
    version: VERSION,
    gate,
    principals,
    live: store.live,
    epoch: store.epoch,
    ledger: store,
    clock,
    log,
    boot,
    lanes,
    clockState: () => clockState(clock.now()),
  });
}

interface OpenLinks extends Pick<Links, 'onDown' | 'restate' | 'stop'> {
  readonly part: LinkPart;
}

/** The links, none of them started. */
export function openLinks(parts: NorthboundParts, problems: readonly Problem[]): OpenLinks {
  const { config, gate, principals, store, clock, log, boot, lanes } = parts;
  const { live, epoch } = store;
  const { site } = config;
  const links = new Links({
    ...{ site, version: VERSION, gate, live, epoch, ledger: store, clock, log, boot, lanes },
    clockState: () => clockState(clock.now()),
  });
  const part = new LinkPart({ links, gate, principals, clock, named: config.named, problems });
  return {
    part,
    onDown: (kind, handler) => links.onDown(kind, handler),
    restate: () => links.restate(),
    stop: () => links.stop(),
  };
}
