import type { StatusState } from '@smx-edge/extension-api';
import type { Circuit, CircuitListener } from '../relay/circuit.js';
import type { Handshake } from '../relay/wire.js';
import type { RelaySettings } from '../settings.js';

/** Identities of which a refusal is remembered. */
const MOST = 64;
/** ms between two unknown ones that are told: they may be many. */
const UNKNOWN_EVERY = 10_000;
/** Characters of an identity that nobody knows. */
const LONGEST = 48;

/** How the instance fares, in one line: who is connected, and whose back end is away or refuses. */
export class Standing implements CircuitListener {
  private readonly open = new Set<Circuit>();
  private readonly alone = new Set<Circuit>();
  private readonly refusals = new Map<string, string>();
  private stranger: { readonly identity: string; readonly at: number } | undefined;
  private address: string | undefined;
  private said = '';

  constructor(
    private readonly listen: RelaySettings['listen'],
    private readonly say: (state: StatusState, text: string) => void,
  ) {}

  listening(port: number): void {
    const { isSecure, host, path } = this.listen;
    this.address = `${isSecure ? 'wss' : 'ws'}://${host.includes(':') ? `[${host}]` : host}:${port}${path}/ID`;
    this.tell();
  }

  opened(circuit: Circuit): void {
    this.open.add(circuit);
    if (circuit.farSide?.isStandIn === true) this.alone.add(circuit);
    this.refusals.delete(circuit.handshake.identity);
    this.tell();
  }

  closed(circuit: Circuit): void {
    this.open.delete(circuit);
    this.alone.delete(circuit);
    this.tell();
  }

  farSideGone(circuit: Circuit): void {
    if (this.open.has(circuit)) this.alone.add(circuit);
    this.tell();
  }

  farSideCame(circuit: Circuit): void {
    this.alone.delete(circuit);
    this.tell();
  }

  refused({ identity }: Handshake, _status: number, text: string): void {
    this.refusals.delete(identity);
    this.refusals.set(identity, text);
    if (this.refusals.size > MOST) this.refusals.delete(this.refusals.keys().next().value!);
    this.tell();
  }

  unknown(identity: string): void {
    const at = performance.now();
    if (this.stranger !== undefined && at - this.stranger.at < UNKNOWN_EVERY) return;
    this.stranger = { identity: JSON.stringify(identity.slice(0, LONGEST)), at };
    this.tell();
  }

  private tell(): void {
    if (this.address === undefined) return;
    const text = [
      ...[...this.refusals].slice(-1).map(([identity, why]) => `the back end of ${identity} cannot be used: ${why}`),
      ...[...this.alone].slice(-1).map(({ handshake }) => `the back end of ${handshake.identity} is away`),
      ...(this.stranger ? [`${this.stranger.identity} dialled and is not under stations, so it was refused`] : []),
      this.open.size === 0 ? 'no charge point is connected' : `${this.open.size} connected`,
      `charge points dial ${this.address}`,
    ].join('; ');
    const state = this.refusals.size + this.alone.size > 0 ? 'warning' : 'ok';
    if (text === this.said) return;
    this.said = text;
    this.say(state, text);
  }
}
