/** What stands first in a backup. */
export interface Manifest {
  readonly format: 1;
  /** When it was made, ms UTC. */
  readonly made: number;
  readonly epoch: number;
  /** Whether keys, users and tokens are in it. */
  readonly secrets: boolean;
}

export const MANIFEST = 'manifest.json';
/** SHA-256 of every file before it, hex, by name; stands last. */
export const SUMS = 'sums.json';

/** Files a backup may have; anything else in an archive is refused. */
const NAMES = /^(store\.db|history\.db|device\.key|journal\/\d{10}\.seg|files\/\d+-\d+)$/;

export const isBackupName = (name: string): boolean => NAMES.test(name);
