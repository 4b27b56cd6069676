import { silentLog, type Log } from '@smx-edge/model';
import type { AwayPolicy } from '../src/away/away.js';
import { awayOf, type IslandParts } from '../src/away/policies.js';
import type { CircuitListener } from '../src/relay/circuit.js';
import { dialer } from '../src/relay/dial.js';
import type { Dial } from '../src/relay/far-side.js';
import { Listener } from '../src/relay/listener.js';
import { Relay } from '../src/relay/relay.js';
import { LOST } from '../src/relay/wire.js';
import { relaySettingsOf, type ProxyConfig, type RelaySettings } from '../src/settings.js';

/** The defaults of `config.schema.json`, which the host applies. */
export const DEFAULTS = {
  listen: 'ws://127.0.0.1:0/ocpp',
  'most-stations': 64,
  'upgrades-per-minute': 100_000,
  observe: true,
  compression: false,
  pings: 'hop',
  'ping-station': '20s',
  'ping-backend': '30s',
  away: 'mirror',
  grace: '30s',
  'safe-current': 6,
  'limit-refresh': '5m',
  'profile-ids': 9_001_000,
  'inject-every': { TriggerMessage: '15s' },
  'inject-per-minute': 20,
} as const;

export interface TestProxyParts {
  readonly listeners?: readonly CircuitListener[];
  readonly away?: (dial: Dial) => AwayPolicy;
  /** In place of dialling. */
  readonly dial?: (dial: Dial) => Dial;
  /** Below 0: pauses between tries are shorter than they ever are. */
  readonly random?: () => number;
  readonly island?: IslandParts;
  readonly log?: Log;
  /** ms in place of a minute. */
  readonly stuckAfter?: number;
}

/** The relay by itself, over real sockets. */
export class TestProxy {
  private constructor(
    readonly relay: Relay,
    private readonly listener: Listener,
    private readonly settings: RelaySettings,
  ) {}

  static async open(
    config: Partial<ProxyConfig> & Pick<ProxyConfig, 'backend'>,
    parts: TestProxyParts = {},
  ): Promise<TestProxy> {
    const settings = relaySettingsOf({ ...DEFAULTS, ...config });
    const plain = dialer({ settings, tls: {}, onFault: () => {} });
    const dial = parts.dial?.(plain) ?? plain;
    const away = parts.away
      ? { dial, policy: parts.away(dial), listeners: [] }
      : await awayOf({ settings, dial, log: silentLog, random: parts.random ?? (() => 0), island: parts.island });
    const relay = new Relay({
      settings,
      dial: away.dial,
      away: away.policy,
      listeners: [...away.listeners, ...(parts.listeners ?? [])],
      log: parts.log ?? silentLog,
      now: Date.now,
      ...(parts.stuckAfter !== undefined && { stuckAfter: parts.stuckAfter }),
    });
    return new TestProxy(relay, await Listener.open(relay, settings), settings);
  }

  /** Where charge points dial, without their identity. */
  get url(): string {
    return `ws://127.0.0.1:${this.listener.port}${this.settings.listen.path}`;
  }

  close(end = LOST): void {
    this.listener.close();
    this.relay.close(end);
  }
}
