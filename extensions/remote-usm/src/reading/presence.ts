import type { Alarms, Device, MqttLink } from '@smx-edge/extension-api';

/** Why the other box tells nothing. */
export interface Away {
  readonly code: 'waiting' | 'unreachable' | 'unclear' | 'gone' | 'silent' | 'unreadable';
  /** What is wrong, and what to do. */
  readonly text: string;
}

/** How the other box fares; `away` undefined: it is there. */
export interface Standing {
  readonly away: Away | undefined;
  readonly text: string;
}

/** Why the broker is not there; undefined where it is. A connection that is being made for the first time is no fault. */
export function unreachableOf({ status, text }: MqttLink['state']): Away | undefined {
  if (status !== 'connecting' && status !== 'closed') return undefined;
  return text === undefined ? { code: 'waiting', text: 'connecting to the broker' } : { code: 'unreachable', text };
}

const CODE = 'remote-away';

/** Whether a device of the other box is there, as its state and one alarm. */
export class DevicePresence {
  private said: string | undefined;

  constructor(
    private readonly device: Device,
    private readonly alarms: Alarms,
  ) {
    // before its first value, which would make it look as if it was there
    device.online(false, 'not heard yet');
  }

  /** `isOnline`: as the other box says of its device; `away`: why that box itself tells nothing. */
  tell(isOnline: boolean, away: Away | undefined): void {
    const reason = away?.text ?? (isOnline ? '' : 'off line at the other box');
    if (this.said === reason) return;
    this.said = reason;
    if (reason === '') this.device.online(true);
    else this.device.online(false, reason);
    // to wait for the first word is no fault
    const fault = away === undefined || away.code === 'waiting' ? undefined : { text: away.text };
    this.alarms.set({ device: this.device }, CODE, fault);
  }

  /** The device is no more. */
  end(): void {
    this.alarms.set({ device: this.device }, CODE, undefined);
  }
}
