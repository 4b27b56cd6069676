import { decodeFrame, encodeCall } from '@smx-edge/protocols/ocpp-j';
import { WebSocket } from 'ws';

type Json = Readonly<Record<string, unknown>>;
type Version = '1.6' | '2.0.1';

export interface TwinProfile {
  readonly outlet: number;
  readonly id: number;
  readonly purpose: string;
  readonly stackLevel: number;
  /** A of its only period. */
  readonly limit: number;
}

const ABSENT: Json = {};
const objectOf = (value: unknown): Json => (Array.isArray(value) ? objectOf(value[0]) : ((value ?? ABSENT) as Json));

/** A charge point with two outlets by the book (1.6 ed.2 §3.13.2), as much of it as limits need; it speaks for itself only when told to. */
export class TwoOutlets {
  profiles: TwinProfile[] = [];
  /** SetChargingProfile by outlet, as they came. */
  readonly set: number[] = [];
  private ws: WebSocket | undefined;
  private calls = 0;

  constructor(private readonly version: Version) {}

  async dial(url: string): Promise<void> {
    const ws = new WebSocket(url, [`ocpp${this.version}`]);
    this.ws = ws;
    ws.on('message', (data: Buffer) => this.take(data));
    await new Promise((resolve, reject) => ws.once('open', resolve).once('error', reject));
    this.say('BootNotification', this.version === '1.6' ? { chargePointVendor: 'v', chargePointModel: 'm' } : { reason: 'PowerUp', chargingStation: { vendorName: 'v', model: 'm' } }); // prettier-ignore
    // who has booted is limited anew
    await new Promise((resolve) => ws.once('message', resolve));
    for (const outlet of [1, 2]) this.status(outlet);
  }

  say(action: string, payload: Json): void {
    this.ws!.send(encodeCall(`t${++this.calls}`, action, payload));
  }

  of(outlet: number): readonly unknown[] {
    return this.profiles.filter((one) => one.outlet === outlet).map(({ purpose, limit }) => [purpose, limit]);
  }

  close(): void {
    this.ws?.terminate();
  }

  private status(outlet: number): void {
    const timestamp = new Date().toISOString();
    this.say('StatusNotification', this.version === '1.6' ? { connectorId: outlet, status: 'Available', errorCode: 'NoError', timestamp } : { evseId: outlet, connectorId: 1, connectorStatus: 'Available', timestamp }); // prettier-ignore
  }

  private take(data: Buffer): void {
    const frame = decodeFrame(data);
    if (frame?.kind !== 'call') return;
    this.ws!.send(JSON.stringify([3, frame.id, this.answer(frame.action!, frame.payload)]));
  }

  private answer(action: string, payload: Json): Json {
    const outlet = Number(payload['connectorId'] ?? payload['evseId']);
    switch (action) {
      case 'GetConfiguration':
        return { configurationKey: [{ key: 'NumberOfConnectors', readonly: true, value: '2' }, { key: 'ChargeProfileMaxStackLevel', readonly: true, value: '3' }] }; // prettier-ignore
      case 'GetVariables':
        return { getVariableResult: [{ attributeStatus: 'Accepted', attributeValue: '3', component: { name: 'SmartChargingCtrlr' }, variable: { name: 'ProfileStackLevel' } }] }; // prettier-ignore
      case 'SetChargingProfile':
        return this.install(outlet, objectOf(payload['csChargingProfiles'] ?? payload['chargingProfile']));
      case 'ClearChargingProfile':
        return this.clear(payload);
      case 'GetCompositeSchedule':
        return this.composite(outlet);
      default:
        return { status: 'Accepted' };
    }
  }

  private install(outlet: number, profile: Json): Json {
    const period = objectOf(objectOf(profile['chargingSchedule'])['chargingSchedulePeriod']);
    const next: TwinProfile = {
      outlet,
      id: Number(profile['chargingProfileId'] ?? profile['id']),
      purpose: String(profile['chargingProfilePurpose']),
      stackLevel: Number(profile['stackLevel']),
      limit: Number(period['limit']),
    };
    this.set.push(outlet);
    const isReplaced = (one: TwinProfile): boolean =>
      one.id === next.id ||
      (one.outlet === outlet && one.purpose === next.purpose && one.stackLevel === next.stackLevel);
    this.profiles = [...this.profiles.filter((one) => !isReplaced(one)), next];
    return { status: 'Accepted' };
  }

  private clear(payload: Json): Json {
    const criteria = { ...payload, ...objectOf(payload['chargingProfileCriteria']) };
    const id = payload['id'] ?? payload['chargingProfileId'];
    const outlet = criteria['connectorId'] ?? criteria['evseId'];
    const before = this.profiles.length;
    this.profiles = this.profiles.filter((one) => (id !== undefined ? one.id !== id : outlet !== undefined && one.outlet !== outlet)); // prettier-ignore
    return { status: this.profiles.length < before ? 'Accepted' : 'Unknown' };
  }

  private composite(outlet: number): Json {
    const top = (purpose: string): number | undefined =>
      this.profiles.filter((one) => one.purpose === purpose && (one.outlet === outlet || one.outlet === 0)).sort((a, b) => b.stackLevel - a.stackLevel)[0]?.limit; // prettier-ignore
    const limit = Math.min(32, top('ChargePointMaxProfile') ?? 32, top('TxProfile') ?? top('TxDefaultProfile') ?? 32);
    const schedule = { chargingRateUnit: 'A', chargingSchedulePeriod: [{ startPeriod: 0, limit }] };
    if (this.version === '1.6') return { status: 'Accepted', connectorId: outlet, chargingSchedule: schedule };
    return { status: 'Accepted', schedule: { ...schedule, evseId: outlet, duration: 60, scheduleStart: new Date().toISOString() } }; // prettier-ignore
  }
}
