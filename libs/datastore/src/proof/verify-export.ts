import { Audit, type AuditVerdict } from './audit.js';

/**
 * Verifies an export, a JSON line each, away from the box and from nothing but the export. `keys`: names of device keys
 * that are trusted; without them an export proves only that it is whole, under the keys the verdict names.
 */
export async function verifyExport(
  lines: AsyncIterable<string> | Iterable<string>,
  keys?: ReadonlySet<string>,
): Promise<AuditVerdict> {
  const audit = new Audit(keys);
  for await (const line of lines) if (line.trim() !== '') audit.take(parsed(line));
  return audit.finish();
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
