import { closeSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';

/** Anonymous memory of a process (heap, buffers, stacks), read from procfs by one kept descriptor. */
export class MemoryProbe {
  private fd: number | undefined;
  private readonly buffer = Buffer.alloc(4096);

  constructor(readonly pid: number) {}

  /** Bytes; undefined where the process is gone or the system has no procfs. */
  read(): number | undefined {
    return this.field('RssAnon');
  }

  /** Private data that it has mapped, whether it uses it or not, bytes. */
  mapped(): number | undefined {
    return this.field('VmData');
  }

  private field(name: string): number | undefined {
    try {
      this.fd ??= openSync(`/proc/${this.pid}/status`, 'r');
      const n = readSync(this.fd, this.buffer, 0, this.buffer.length, 0);
      const match = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(this.buffer.toString('latin1', 0, n));
      return match === null ? undefined : Number(match[1]) * 1024;
    } catch {
      // ESRCH and ENOENT: it has ended, which the exit event tells better
      this.close();
      return undefined;
    }
  }

  close(): void {
    if (this.fd !== undefined) closeSync(this.fd);
    this.fd = undefined;
  }
}

/** The node process below a sandbox launcher: the innermost only child, by its place in procfs. */
export function innermost(pid: number): number {
  let at = pid;
  for (let depth = 0; depth < 4; depth++) {
    const children = childrenOf(at);
    if (children.length !== 1) break;
    at = children[0]!;
  }
  return at;
}

function childrenOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((task) =>
      readFileSync(`/proc/${pid}/task/${task}/children`, 'latin1').split(' ').filter(Boolean).map(Number),
    );
  } catch {
    return [];
  }
}
