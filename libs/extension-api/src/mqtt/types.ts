import type { Disposable } from '@smx-edge/model';
import type { LineOptions, LineState, LineTls } from '../transports/types.js';

export interface MqttMessage {
  readonly topic: string;
  readonly payload: Uint8Array;
  /** It was left with the broker some time before the subscription: how old it is, nobody knows. */
  readonly retained: boolean;
  /** Receive time, ms UTC. */
  readonly t: number;
}

export interface MqttPublish {
  /** Default 1: resolved once the broker has it. 0: once the kernel has it. */
  readonly qos?: 0 | 1;
  readonly retain?: boolean;
}

/** A client of a broker that mends itself: it reconnects for ever until closed, and subscribes again each time. */
export interface MqttLink {
  readonly state: LineState;
  /**
   * Calls `fn` with each message whose topic matches the filter (QoS 1, so one may come twice). A broker that refuses the
   * subscription is state, and tried again. Throws SMX_MQTT_TOPIC for what is no filter.
   */
  subscribe(filter: string, fn: (message: MqttMessage) => void): Disposable;
  /**
   * Resolves once the broker has the message, which does not say that a device took it. Nothing is kept for later: rejects with
   * SMX_TRANSPORT_… where there is no connection, or it ends before the answer; SMX_MQTT_TOPIC for what is no topic.
   */
  publish(topic: string, payload: string | Uint8Array, options?: MqttPublish): Promise<void>;
  close(): Promise<void>;
}

export interface MqttOptions {
  /** They win over user and password of the source. */
  readonly user?: string;
  readonly password?: string;
  readonly tls?: LineTls;
}

/** How a link is made; `idle` and `buffer` are for lines. */
export type MqttLinkOptions = LineOptions & MqttOptions;

/** `openMqtt(source, options)`: throws SMX_TRANSPORT_SOURCE; all else is state. */
export type OpenMqtt = (source: string, options: MqttLinkOptions) => MqttLink;
