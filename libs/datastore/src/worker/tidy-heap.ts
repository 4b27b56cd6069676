import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * Collects the garbage of this thread and closes the gaps between what is left. V8 leaves gaps as long as there is room, which
 * there always is for a thread whose work leaves little behind: after some days it holds twice what it uses. Takes some 20 ms
 * for 8 MB in use, in which the thread answers nobody.
 */
export function tidyHeap(): void {
  setFlagsFromString('--expose-gc');
  // not kept: the context that it comes from would be too
  const collect = runInNewContext('gc') as () => void;
  // a collection of another thread that falls into these moments compacts too, and is right all the same
  setFlagsFromString('--compact-on-every-full-gc');
  try {
    // the first may end a collection that had begun, which keeps what died since then
    collect();
    collect();
  } finally {
    setFlagsFromString('--no-compact-on-every-full-gc');
  }
}
