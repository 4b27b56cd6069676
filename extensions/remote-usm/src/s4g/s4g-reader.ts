import type { Alarms, MqttLink, MqttMessage, SmxContext } from '@smx-edge/extension-api';
import { decodeObisJson } from '@smx-edge/protocols/obis-json';
import { textOf } from '../reading/payload.js';
import { standingOf, unreachableOf, type Away, type Standing } from '../reading/presence.js';
import { SenderChoice } from '../reading/sender-choice.js';
import type { S4gSettings } from '../settings.js';
import { GatewayMeter } from './gateway-meter.js';

/** ms in which other gateways may be heard before one is chosen: one tells each 2 s or 5 s. */
const WAIT = 6000;
const END = '/Data';

export interface S4gReaderOptions {
  readonly smx: Pick<SmxContext, 'device' | 'log' | 'now'>;
  readonly alarms: Alarms;
  readonly settings: S4gSettings;
  readonly link: MqttLink;
}

/** Reads an SMXCore of Storage4Grid: OBIS codes in JSON on `<gateway>/Data`. */
export class S4gReader {
  private readonly meter: GatewayMeter;
  private readonly choice: SenderChoice;
  private text: string | undefined;
  /** When a message came, and something new, ms UTC here. */
  private came: number | undefined;
  private heard: number | undefined;
  private isDamaged = false;

  constructor(private readonly o: S4gReaderOptions) {
    const { smx, alarms, settings } = o;
    this.meter = new GatewayMeter(smx, alarms, settings);
    this.choice = new SenderChoice({ prefix: settings.prefix, wait: WAIT });
  }

  begin(): void {
    const { link, settings } = this.o;
    link.subscribe(`${settings.gateway ?? '+'}${END}`, (message) => this.receive(message));
  }

  /** To be called each second. */
  look(): Standing {
    const away = this.away();
    this.meter.present(away);
    if (away !== undefined) return { away, text: away.text };
    return standingOf(`${this.meter.size} registers of ${this.gateway ?? ''}`, [this.meter.device]);
  }

  /** What is known of the gateway, for people. */
  get facts(): Readonly<Record<string, unknown>> {
    const { meter, heard = null } = this;
    return { gateway: this.gateway ?? null, devices: [meter.name], points: meter.size, heard, seen: this.choice.names };
  }

  private get gateway(): string | undefined {
    return this.o.settings.gateway ?? this.choice.chosen;
  }

  private receive(message: MqttMessage): void {
    const name = message.topic.slice(0, -END.length);
    this.choice.hear(name, message.t);
    if (this.o.settings.gateway === undefined) this.choice.decide(message.t);
    if (name === this.gateway) this.take(message);
  }

  private take({ payload, retained, t: received }: MqttMessage): void {
    const text = textOf(payload);
    const message = text === undefined ? undefined : decodeObisJson(text);
    this.came = received;
    const isDamaged = message === undefined || message.readings.length === 0;
    if (isDamaged && !this.isDamaged)
      this.o.smx.log.warn('a message of the gateway holds no registers', { bytes: payload.length });
    this.isDamaged = isDamaged;
    if (isDamaged) return;
    const isOther = text !== this.text;
    this.text = text;
    if (!this.meter.take(message, { received, isKept: retained, isOther })) return;
    this.heard = received;
    this.meter.present(undefined);
  }

  private away(): Away | undefined {
    const { link, smx, settings } = this.o;
    const { heard, came, meter } = this;
    if (heard !== undefined && Math.abs(smx.now() - heard) <= meter.maxAge) return undefined;
    const unreachable = unreachableOf(link.state);
    if (unreachable !== undefined) return unreachable;
    const { names } = this.choice;
    if (this.gateway === undefined && names.length > 1) return { code: 'unclear', text: `several gateways tell on this broker: set gateway to one of ${names.join(', ')}` }; // prettier-ignore
    if (came === undefined) return { code: 'waiting', text: `nothing came on ${settings.gateway ?? '+'}${END} yet` };
    if (this.isDamaged)
      return { code: 'unreadable', text: `what comes on ${this.gateway ?? ''}${END} holds no registers` };
    if (heard === undefined) return { code: 'waiting', text: 'waiting for a time stamp that goes on' };
    return {
      code: 'silent',
      text: `nothing new came for ${meter.maxAge / 1000} s; the time stamps of the gateway stand still where it still tells`,
    };
  }
}
