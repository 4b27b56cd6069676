import { setTimeout as pause } from 'node:timers/promises';
import type { Line } from '@smx-edge/extension-api';
import { SmxError } from '@smx-edge/model';
import { FIRST_BAUD, ModeESignOn, type SignOnStep } from '@smx-edge/protocols/iec62056-21';

/** A meter answers the request within 1.5 s (IEC 62056-21 §6.3.14); a line of 300 baud takes its time besides. */
const SILENCE = 3000;
const TRIES = 3;

export interface OpticalOptions {
  readonly line: Line;
  /** Whether the speed of the line can be set, as of a serial port; a bridge keeps 300 baud. */
  readonly canSwitch: boolean;
  readonly address?: string;
  readonly baudDelay: number;
}

/**
 * Signs on to a meter by its optical head; the line speaks HDLC then. Rejects SMX_METER_SILENT, SMX_METER_REFUSED where the meter
 * offers no HDLC, and what the line rejects.
 */
export class OpticalSignOn {
  private take: (chunk: Uint8Array) => void = () => undefined;

  constructor(private readonly o: OpticalOptions) {}

  receive(chunk: Uint8Array): void {
    this.take(chunk);
  }

  async run(): Promise<void> {
    const { line, canSwitch, address, baudDelay } = this.o;
    const signOn = new ModeESignOn({ baudDelay, ...(address !== undefined && { address }), ...(!canSwitch && { fixedBaud: FIRST_BAUD }) }); // prettier-ignore
    if (canSwitch) await line.configure({ baud: signOn.firstBaud, mode: '8N1' });
    for (let tries = 0; tries < TRIES; tries++) {
      const steps = await this.ask(signOn);
      if (steps === undefined) continue;
      await this.perform(steps);
      return;
    }
    throw new SmxError(
      'SMX_METER_SILENT',
      'The optical head gives no identification: is it on the meter, and upright?',
    );
  }

  /** The answer to one request; undefined after silence. */
  private async ask(signOn: ModeESignOn): Promise<SignOnStep[] | undefined> {
    const answer = new Promise<SignOnStep[] | undefined>((resolve) => {
      const late = setTimeout(() => resolve(undefined), SILENCE);
      this.take = (chunk) => {
        const steps = signOn.receive(chunk);
        if (steps.length === 0) {
          late.refresh();
          return;
        }
        clearTimeout(late);
        resolve(steps);
      };
    });
    await this.o.line.write(signOn.start());
    return answer;
  }

  private async perform(steps: readonly SignOnStep[]): Promise<void> {
    const { line } = this.o;
    for (const step of steps) {
      if (step.kind === 'wait') await pause(step.ms);
      else if (step.kind === 'speed') await line.configure({ baud: step.baud, mode: '8N1' });
      else if (step.kind === 'send') {
        await line.write(step.bytes);
        await line.drain();
      } else if (step.kind === 'refused') {
        const { manufacturer, text } = step.identification;
        throw new SmxError('SMX_METER_REFUSED', `The meter ${manufacturer} ${text} offers no HDLC here (${step.why}); is it one of mode C?`); // prettier-ignore
      }
    }
  }
}
