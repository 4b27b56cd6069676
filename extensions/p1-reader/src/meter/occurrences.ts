import type { Alarms, Device } from '@smx-edge/extension-api';
import { p1Slot, type P1Telegram } from '@smx-edge/protocols/p1';
import type { Memory } from '../memory.js';

const MESSAGE = p1Slot('message');
const BREAKER = p1Slot('breaker');

/** What a meter tells besides its values, each told once as an event, also over a restart. */
export class Occurrences {
  private lastFailures: P1Telegram['failures'] = null;

  constructor(private readonly o: { readonly device: Device; readonly alarms: Alarms; readonly memory: Memory }) {}

  take(telegram: P1Telegram): void {
    this.message(telegram.text(MESSAGE));
    this.state('breaker', telegram.text(BREAKER));
    if (telegram.failures === this.lastFailures) return;
    this.lastFailures = telegram.failures;
    this.failures(telegram.failures ?? []);
  }

  /** Another meter: its log and messages are its own. */
  forget(): void {
    const { kept } = this.o.memory;
    delete kept.failure;
    delete kept.message;
    delete kept.states?.['breaker'];
    this.lastFailures = null;
  }

  private message(text: string | null): void {
    const { alarms, device, memory } = this.o;
    if (text === null || text === '' || text === memory.kept.message) return;
    memory.kept.message = text;
    // the text itself may be personal and stays in its point
    alarms.once({ device, path: 'message' }, 'message', { text: 'The meter shows a new message' });
  }

  private state(name: string, now: string | null): void {
    const { alarms, device, memory } = this.o;
    if (now === null) return;
    const states = (memory.kept.states ??= {});
    const before = states[name];
    if (before === now) return;
    states[name] = now;
    if (before === undefined) return;
    const severity = now === 'disconnected' ? 'alarm' : 'info';
    alarms.once({ device, path: name }, name, { severity, text: `${name} ${before} → ${now}`, data: { before, now } });
  }

  private failures(log: NonNullable<P1Telegram['failures']>): void {
    const { alarms, device, memory } = this.o;
    const told = memory.kept.failure ?? -Infinity;
    const fresh = log.filter(({ end }) => end > told).sort((a, b) => a.end - b.end);
    for (const { end, duration } of fresh) {
      memory.kept.failure = end;
      const text = `Power was away for ${duration} s`;
      alarms.once({ device }, 'power-failure', { severity: 'warning', text, t: end, data: { duration } });
    }
  }
}
