import type { Circuit, InjectedCall, InjectionAnswer } from '../relay/circuit.js';

/** How one injection ended, for `status`. */
export interface InjectionRecord {
  /** ms UTC. */
  readonly t: number;
  readonly action: string;
  /** Who sent it: a call of a party, or a limit of this box. */
  readonly by: 'call' | 'limit';
  readonly status: InjectionAnswer['status'];
  readonly code?: string;
}

const MOST = 20;

/** The last injections of one charge point, newest first. */
export class Injections {
  private records: readonly InjectionRecord[] = [];
  count = 0;

  constructor(private readonly now: () => number) {}

  get last(): readonly InjectionRecord[] {
    return this.records;
  }

  /** Injects and remembers how it ended; a limit goes before what parties ask. */
  async send(circuit: Circuit | undefined, call: InjectedCall, by: InjectionRecord['by']): Promise<InjectionAnswer> {
    const answer: InjectionAnswer = circuit
      ? await circuit.inject({ ...call, goesFirst: by === 'limit' })
      : { status: 'absent', wasSent: false };
    this.count += 1;
    const { status } = answer;
    const record = { t: this.now(), action: call.action, by, status, ...(status === 'error' && { code: answer.code }) };
    this.records = [record, ...this.records].slice(0, MOST);
    return answer;
  }
}
