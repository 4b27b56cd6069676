import { silentLog } from '@smx-edge/model';
import type { AwayPolicy } from '../src/away/away.js';
import { Mirror } from '../src/away/mirror.js';
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
} as const;

export interface TestProxyParts {
  readonly listeners?: readonly CircuitListener[];
  readonly away?: (dial: Dial) => AwayPolicy;
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
    const dial = dialer({ settings, tls: {}, onFault: () => {} });
    const relay = new Relay({
      settings,
      dial,
      away: parts.away?.(dial) ?? new Mirror(),
      listeners: parts.listeners ?? [],
      log: silentLog,
      now: Date.now,
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
