import { answerOf16, askComposite, callOf, limitAt, readComposite, type Limit, type OcppVersion, type RateUnit } from '@smx-edge/protocols/ocpp-j'; // prettier-ignore
import type { InjectionAnswer } from '../relay/circuit.js';
import { payloadOf, type Payload } from './payload.js';

export interface CompositeDoors {
  now(): number;
  /** ms that the charge point's clock is ahead. */
  clockOffset(): number;
  send(call: { readonly action: string; readonly payload: Payload }): Promise<InjectionAnswer>;
}

/** s that are looked ahead for what is in force. */
const AHEAD = 60;

/** What a charge point composes of all its profiles. */
export class Composites {
  /** It knows no such CALL, as far as was tried on this connection. */
  isNone = false;
  private version: OcppVersion = '1.6';

  constructor(private readonly o: CompositeDoors) {}

  connected(version: OcppVersion | undefined): void {
    this.isNone = false;
    this.version = version ?? '1.6';
  }

  /** What is in force now; undefined where it does not say. */
  async ask(outlet: number, unit: RateUnit): Promise<Limit | undefined> {
    if (this.isNone) return undefined;
    const { version, o } = this;
    const call = { action: 'GetCompositeSchedule', payload: askComposite(outlet, AHEAD, unit) };
    const answer = await o.send(callOf(version, call));
    if (answer.status === 'error') this.isNone = true;
    if (answer.status !== 'ok') return undefined;
    const schedule = readComposite(answerOf16(version, payloadOf(answer)));
    const value = schedule && limitAt(schedule, Math.max(schedule.start ?? 0, o.now() + o.clockOffset()));
    return schedule === undefined || value === undefined ? undefined : { unit: schedule.unit, value };
  }
}
