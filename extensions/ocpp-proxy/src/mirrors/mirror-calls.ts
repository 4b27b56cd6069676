import type { FrameHead } from '@smx-edge/protocols/ocpp-j';
import { decodeFrame } from '@smx-edge/protocols/ocpp-j';
import type { Circuit, InjectedCall, InjectionAnswer } from '../relay/circuit.js';
import { UpgradePace } from '../relay/upgrade-pace.js';
import type { WireFrame } from '../relay/wire.js';
import { UNREADABLE } from '../relay/injector.js';
import { refusalFrame } from './refusals.js';

/** CALLs a minute that are answered at all, and that reach the charge point. */
const ANSWERED = 600;
const PASSED = 20;

/** What a mirror had a charge point do, and what that answered. */
export type Ordered = (identity: string, call: InjectedCall, answer: InjectionAnswer) => void;

export interface MirrorCallsOptions {
  readonly allowed: ReadonlySet<string>;
  /** The connection of the charge point; undefined while there is none. */
  readonly circuit: () => Circuit | undefined;
  readonly answer: (text: string) => void;
  /** What it had the charge point do, and what that answered. */
  readonly ordered: (call: InjectedCall, answer: InjectionAnswer) => void;
  /** It asks so much that it is better without. */
  readonly flooded: () => void;
}

/** CALLs of a mirror: refused without the charge point hearing of them, but for those that it is given. */
export class MirrorCalls {
  private readonly answered = new UpgradePace(ANSWERED);
  private readonly passed = new UpgradePace(PASSED);
  private isOpen = false;

  constructor(private readonly o: MirrorCallsOptions) {}

  take({ data }: WireFrame, { id, action = '' }: FrameHead): void {
    if (!this.answered.admits('', performance.now())) {
      this.o.flooded();
      return;
    }
    const circuit = this.o.circuit();
    const passes =
      this.o.allowed.has(action) && circuit !== undefined && !this.isOpen && this.passed.admits('', performance.now());
    const payload = passes ? decodeFrame(data)?.payload : undefined;
    if (circuit === undefined || payload === undefined) this.o.answer(refusalFrame(circuit?.version, id, action));
    else void this.pass(circuit, id, { action, payload });
  }

  /** Through the scheduler with an id of this box: the back end never hears of it. */
  private async pass(circuit: Circuit, id: string, call: InjectedCall): Promise<void> {
    this.isOpen = true;
    const answer = await circuit.inject(call);
    this.isOpen = false;
    this.o.ordered(call, answer);
    this.o.answer(textOf(id, answer));
  }
}

function textOf(id: string, answer: InjectionAnswer): string {
  if (answer.status === 'ok') return JSON.stringify([3, id, answer.payload]);
  if (answer.status === 'error') {
    // no version has another word for an answer that is none
    const code = answer.code === UNREADABLE ? 'GenericError' : answer.code;
    return JSON.stringify([4, id, code, answer.description, {}]);
  }
  return JSON.stringify([4, id, 'GenericError', 'the charge point did not answer', {}]);
}
