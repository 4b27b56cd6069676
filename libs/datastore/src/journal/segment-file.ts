import { closeSync, fdatasyncSync, fsyncSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { takeRoom } from './room.js';
import { SEGMENT_HEAD } from './segment.js';

/** Space is written ahead in zeros, so that a flush in between changes data only and no metadata of the file system. */
const EXTENT = 128 * 1024;

const ZEROS = Buffer.alloc(EXTENT);

function writeAll(fd: number, bytes: Buffer, position: number): void {
  for (let done = 0; done < bytes.length;) done += writeSync(fd, bytes, done, bytes.length - done, position + done);
}

/** Makes the entry of a new, renamed or removed file durable. */
export function syncFolder(folder: string): void {
  syncFile(folder);
}

/** Makes durable what another process may have left in the page cache. */
export function syncFile(path: string): void {
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** The one segment that is written to. Every method throws the error of the file system as it comes. */
export class SegmentFile {
  private readonly folder: string;
  private readonly fd: number;
  private allocated = 0;
  /** Where the next frame goes. */
  end = SEGMENT_HEAD;

  constructor(path: string, head: Buffer) {
    this.folder = dirname(path);
    takeRoom(this.folder, EXTENT);
    this.fd = openSync(path, 'wx', 0o600);
    try {
      writeAll(this.fd, head, 0);
      this.extend();
      fsyncSync(this.fd);
      syncFolder(this.folder);
    } catch (error) {
      closeSync(this.fd);
      throw error;
    }
  }

  /** Appends a frame; after an error nothing of it counts and the same place is written again. */
  append(frame: Buffer): void {
    while (this.end + frame.length > this.allocated) this.extend();
    writeAll(this.fd, frame, this.end);
    this.end += frame.length;
  }

  sync(): void {
    fdatasyncSync(this.fd);
  }

  /** Gives unused space back, makes all durable and closes. */
  seal(): void {
    try {
      ftruncateSync(this.fd, this.end);
      fsyncSync(this.fd);
    } finally {
      closeSync(this.fd);
    }
  }

  /** Closes the file and has it end at `end` where the file system still does that; where not, the index says where it ends. */
  abandon(end: number): void {
    try {
      ftruncateSync(this.fd, end);
    } catch {
      // what stands behind `end` is never read: the index bounds the segment
    } finally {
      closeSync(this.fd);
    }
  }

  private extend(): void {
    takeRoom(this.folder, EXTENT);
    writeAll(this.fd, ZEROS, Math.max(this.allocated, SEGMENT_HEAD));
    this.allocated = Math.max(this.allocated, SEGMENT_HEAD) + EXTENT;
  }
}
