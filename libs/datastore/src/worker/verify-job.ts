import type { Evidence } from '../database/evidence.js';
import { Audit, type AuditVerdict } from '../proof/audit.js';
import { exportLines, type ExportSource } from '../proof/export.js';

/** Entries and rows between two turns of others: a hundred signatures take some ten milliseconds. */
const PAGE = 100;

const pause = (): Promise<void> => new Promise((resume) => setImmediate(resume));

/** Checks everything that proves itself, in turns, so that commits go on in between. Nothing is written. */
export async function verifyEvidence(evidence: Evidence, now: number): Promise<AuditVerdict> {
  for (;;) {
    const before = anchorsOf(evidence);
    const audit = new Audit();
    const kept = evidence.files.kept();
    for await (const line of exportLines(sourceOf(evidence, now), { page: PAGE })) audit.take(line);
    await verifyFiles(evidence, audit, kept);
    const verdict = audit.finish();
    // what was pruned under the walk is no fault
    if (verdict.ok || anchorsOf(evidence) === before) return verdict;
  }
}

export function sourceOf(evidence: Evidence, now: number): ExportSource {
  return {
    begin: async () => evidence.begin(now),
    ledger: async ({ from, limit }) => {
      await pause();
      return evidence.ledger.read(from, limit);
    },
    commits: async (query) => {
      await pause();
      return evidence.profiles.commits(query, now);
    },
  };
}

const anchorsOf = ({ anchors }: Evidence): string => JSON.stringify(anchors.all());

/** Files of events are what the ledger says that they are. */
async function verifyFiles(
  { files }: Evidence,
  audit: Audit,
  kept: ReturnType<Evidence['files']['kept']>,
): Promise<void> {
  const found = new Set<string>();
  for (const file of kept) {
    const key = `${file.event} ${file.name}`;
    found.add(key);
    await pause();
    const written = audit.files.get(key);
    if (written === null || (written === undefined && !audit.isLedgerWhole)) continue;
    if (written !== file.sha256) audit.fault(`file ${file.name} of event ${file.event} is not the one of the ledger`);
    else if (files.sound(file) === undefined && files.isKept(file))
      audit.fault(`file ${file.name} of event ${file.event} is missing or damaged`);
  }
  for (const [key, written] of audit.files)
    if (written !== null && !found.has(key)) {
      const [event = '', name = ''] = key.split(' ');
      audit.fault(`file ${name} of event ${event} is gone without a record`);
    }
}
