import {
  closeSync,
  existsSync,
  fstatSync,
  ftruncateSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';

const SECTOR = 512;
const HEAD = 48;

const KINDS = ['', 'write', 'truncate', 'sync', 'sync-failed', 'create', 'unlink', 'rename'] as const;

/** One entry as `disk-shim.c` writes it. */
interface Entry {
  readonly kind: (typeof KINDS)[number];
  readonly ino: number;
  /** Of a change of names: inode of the folder. */
  readonly offset: number;
  readonly length: number;
  /** Of the file before; of a rename: inode that it replaced, or 0. */
  readonly size: number;
  readonly first: Buffer;
  readonly second: Buffer;
}

/** An entry that the kill tore is left out: what it would have noted was not done. */
function* entries(log: Buffer): Generator<Entry> {
  for (let at = 0; at + HEAD <= log.length;) {
    const [first, second] = [log.readUInt32LE(at + 4), log.readUInt32LE(at + 8)];
    const number = (i: number): number => Number(log.readBigUInt64LE(at + 16 + 8 * i));
    const body = at + HEAD;
    if (body + first + second > log.length) return;
    yield {
      kind: KINDS[log.readUInt32LE(at)]!,
      ...{ ino: number(0), offset: number(1), length: number(2), size: number(3) },
      first: log.subarray(body, body + first),
      second: log.subarray(body + first, body + first + second),
    };
    at = body + first + second;
  }
}

export interface Cut {
  readonly log: string;
  readonly keep: string;
  /** `all`: nothing that was not synced reached the disk; `rand`: each sector, size and name did or did not. */
  readonly mode: 'all' | 'rand';
  readonly random: () => number;
}

type Chance = Pick<Cut, 'mode' | 'random'>;

/** What is known of a file while the log is walked back. */
interface FileState {
  readonly fd: number;
  /** A sync follows, so what comes before it is on disk. */
  isSynced: boolean;
  /** Sectors whose content stands, whatever came before. */
  readonly settled: Set<number>;
  isSizeSettled: boolean;
}

/**
 * Makes of the files what a power cut would have left of them: walks the log backwards and takes back what no sync of the
 * same file, or for names of the same folder, followed. Gives how many changes it took back. The writer must be dead.
 */
export function cutPower({ log, keep, mode, random }: Cut): number {
  const list = [...entries(readFileSync(log))];
  const files = new Map<number, FileState>();
  const syncedFolders = new Set<number>();
  const lost = namesLost(list, mode === 'all' ? () => 0 : random);
  let undone = 0;
  const fileOf = (ino: number): FileState | undefined => {
    let file = files.get(ino);
    if (file === undefined && existsSync(join(keep, String(ino)))) {
      file = { fd: openSync(join(keep, String(ino)), 'r+'), isSynced: false, settled: new Set(), isSizeSettled: false };
      files.set(ino, file);
    }
    return file;
  };
  try {
    for (const entry of list.reverse()) {
      if (entry.kind === 'sync') syncedFolders.add(entry.ino);
      if (entry.kind === 'write' || entry.kind === 'truncate')
        undone += undoChange(entry, fileOf(entry.ino)!, { mode, random });
      else if (entry.kind === 'sync' || entry.kind === 'sync-failed') {
        const file = fileOf(entry.ino);
        if (file !== undefined) file.isSynced = entry.kind === 'sync';
      } else if (lost.has(entry)) {
        undoName(entry, keep);
        undone++;
      }
    }
  } finally {
    for (const { fd } of files.values()) closeSync(fd);
  }
  return undone;
}

/** Changes of names that did not reach the disk: in each folder the last ones, since a file system keeps their order. */
function namesLost(list: readonly Entry[], random: () => number): Set<Entry> {
  const open = new Map<number, Entry[]>();
  for (const entry of list) {
    if (entry.kind === 'sync') open.delete(entry.ino);
    if (entry.kind === 'create' || entry.kind === 'unlink' || entry.kind === 'rename')
      open.set(entry.offset, [...(open.get(entry.offset) ?? []), entry]);
  }
  return new Set([...open.values()].flatMap((names) => names.slice(Math.floor(random() * (names.length + 1)))));
}

const undoChange = (entry: Entry, file: FileState, o: Chance): number =>
  entry.kind === 'truncate' ? undoTruncation(entry, file, o) : undoWrite(entry, file, o);

const stays = (file: FileState, { mode, random }: Chance): boolean =>
  file.isSynced || (mode === 'rand' && random() < 0.5);

function undoTruncation({ offset, size, first }: Entry, file: FileState, o: Chance): number {
  if (file.isSizeSettled) return 0;
  if (stays(file, o)) {
    file.isSizeSettled = true;
    return 0;
  }
  ftruncateSync(file.fd, size);
  if (first.length > 0) writeSync(file.fd, first, 0, first.length, offset);
  return 1;
}

function undoWrite({ offset, length, size, first }: Entry, file: FileState, o: Chance): number {
  let undone = 0;
  for (let sector = Math.floor(offset / SECTOR); sector * SECTOR < offset + length; sector++) {
    if (file.settled.has(sector)) continue;
    if (stays(file, o)) {
      file.settled.add(sector);
      continue;
    }
    undone = 1;
    const from = Math.max(offset, sector * SECTOR);
    const to = Math.min(offset + length, (sector + 1) * SECTOR, fstatSync(file.fd).size);
    // what was beyond the end of the file and is not on disk reads as zeros
    if (to <= from) continue;
    const old = Buffer.alloc(to - from);
    first.subarray(from - offset, to - offset).copy(old);
    writeSync(file.fd, old, 0, old.length, from);
  }
  if (file.isSizeSettled) return undone;
  if (stays(file, o)) file.isSizeSettled = true;
  else if (fstatSync(file.fd).size > size) {
    ftruncateSync(file.fd, size);
    undone = 1;
  }
  return undone;
}

function undoName({ kind, ino, size, first, second }: Entry, keep: string): void {
  const [path, to] = [first.toString(), second.toString()];
  const back = (inode: number, name: string): void => linkSync(join(keep, String(inode)), name);
  if (kind === 'create') rmSync(path, { force: true });
  else if (kind === 'unlink') {
    if (!existsSync(path)) back(ino, path);
  } else {
    renameSync(to, path);
    if (size !== 0) back(size, to);
  }
}
