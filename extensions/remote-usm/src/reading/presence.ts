import type { Alarms, Device, MqttLink } from '@smx-edge/extension-api';

/** Why the other box tells nothing. */
export interface Away {
  readonly code: 'waiting' | 'unreachable' | 'unclear' | 'gone' | 'silent' | 'unreadable' | 'refused';
  /** What is wrong, and what to do. */
  readonly text: string;
}

/** How the other box fares; `away` undefined: it is there. */
export interface Standing {
  readonly away: Away | undefined;
  readonly text: string;
  /** It is there, and not as it should be. */
  readonly isPartial?: boolean;
}

/** How one fares whose devices were refused here, each with the reason; `text`: how it fares else. */
export function standingOf(text: string, devices: readonly Pick<Device, 'name' | 'refused'>[]): Standing {
  const refused = devices.filter(({ refused }) => refused !== undefined);
  const [first] = refused;
  if (first === undefined) return { away: undefined, text };
  const told = `this box refuses ${first.name}: ${first.refused ?? ''}`;
  if (refused.length < devices.length)
    return { away: undefined, isPartial: true, text: `${text}, ${refused.length} of them refused; ${told}` };
  return {
    away: { code: 'refused', text: told },
    text: `${told}; nothing of the other box is shown. Set another prefix, or its limits`,
  };
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
