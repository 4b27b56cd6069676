import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { SmxError, systemClock, type Log } from '@smx-edge/model';
import type { InstalledExtension } from '../packages/find.js';
import { WATCHDOG } from '../process/instance-process.js';
import { detectIsolation } from '../process/sandbox.js';
import type { InstanceConfig } from '../supervision/instance-config.js';
import { planInstance } from '../supervision/plan-instance.js';
import { runTrial } from '../supervision/trial.js';
import type { ReplayedSample, ReplaySummary } from './messages.js';

export interface ReplayJob {
  readonly extension: InstalledExtension;
  readonly instance: InstanceConfig;
  /** A whole capture; at most 32 MiB. */
  readonly capture: Uint8Array;
  readonly timezone: string;
  readonly log: Log;
  onSamples(samples: readonly ReplayedSample[]): void;
}

const LARGEST = 32 << 20;
const MEMORY = '512MiB';
const TIME = 30 * 60_000;

/**
 * A capture through an extension in virtual time, in a process of its own. Rejects with what the extension threw,
 * SMX_EXTENSION_* where it cannot run, SMX_TRANSPORT_ABSENT where it opens no line.
 */
export async function replayCapture(job: ReplayJob): Promise<ReplaySummary> {
  const { extension, instance, capture, timezone, log } = job;
  if (capture.length > LARGEST)
    throw new SmxError('SMX_EXTENSION_LIMIT', `A replay takes captures of at most ${LARGEST >> 20} MiB; cut it`);
  const runDir = mkdtempSync(join(tmpdir(), 'smx-replay-'));
  try {
    const plan = planInstance(
      'replay',
      { ...instance, limits: { memory: MEMORY } },
      {
        extensions: new Map([[extension.use, extension]]),
        isolation: detectIsolation,
        runDir,
        child: resolve(__dirname, '../replay.bundle.js'),
      },
    );
    const summary = await runTrial({
      plan,
      mode: 'replay',
      capture: Buffer.from(capture).toString('latin1'),
      site: 'replay',
      timezone,
      clock: systemClock,
      log,
      serial: { open: () => Promise.reject(new SmxError('SMX_TRANSPORT_ABSENT', 'A replay has no serial ports')) },
      // a replay goes as fast as it is read: it is always over its rate
      watchdog: { ...WATCHDOG, silence: 60_000, overload: TIME },
      timeout: TIME,
      onStep: (step) => {
        if ('samples' in step) job.onSamples(step.samples as readonly ReplayedSample[]);
      },
    });
    return summary as ReplaySummary;
  } finally {
    rmSync(runDir, { recursive: true, force: true });
  }
}
