import { maybe } from '../i18n/index.js';

const TONES: Readonly<Record<string, 'good' | 'warn' | 'bad' | 'calm'>> = {
  running: 'good',
  online: 'good',
  ok: 'good',
  verified: 'good',
  applied: 'good',
  accepted: 'calm',
  received: 'calm',
  superseded: 'calm',
  cancelled: 'calm',
  expired: 'calm',
  clamped: 'warn',
  degraded: 'warn',
  waiting: 'warn',
  connecting: 'warn',
  starting: 'calm',
  stopping: 'calm',
  stopped: 'calm',
  ended: 'calm',
};

/** State of an extension, link or part in a word; the colour only repeats it. */
export function StateBadge({ state }: { state: string }) {
  return <span class={`badge ${TONES[state] ?? 'bad'}`}>{maybe(`state.${state}`) ?? state}</span>;
}
