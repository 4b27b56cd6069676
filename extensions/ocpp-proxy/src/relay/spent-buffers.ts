import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** What is shorter lies in a heap that is collected by itself. */
const LONG = 16 * 1024;
/** Bytes of messages between two collections: each was held twice, as it came and as it went on. */
const MOST = 4 * 1024 * 1024;

type Collect = (how: { readonly type: 'minor' }) => void;

/**
 * Has buffers collected that long messages were in. V8 looks for those outside its heap after 32 MiB only, whatever its flags say,
 * which is half of what an instance may have. A collection of the young takes some 1 ms.
 */
export class SpentBuffers {
  private bytes = 0;
  private collect: Collect | undefined;

  /** A message of so many bytes went on. */
  add(bytes: number): void {
    if (bytes < LONG) return;
    this.bytes += bytes;
    if (this.bytes < MOST) return;
    this.bytes = 0;
    this.collect ??= collector();
    this.collect({ type: 'minor' });
  }
}

function collector(): Collect {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as Collect;
}
