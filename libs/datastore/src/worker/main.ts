import { parentPort, workerData } from 'node:worker_threads';
import { SmxError } from '@smx-edge/model';
import { Dispatch } from './dispatch.js';
import { keptIn } from './kept-copy.js';
import type { Answer, Request, WireError, WorkerOptions } from './protocol.js';
import { wireError } from './store-error.js';
import { StoreThread } from './store-thread.js';

/** The store's thread: the only one that opens its database and writes its journal, so that no fsync holds up the core. */
if (parentPort === null) throw new SmxError('SMX_INTERNAL', 'the store thread runs as a worker of the store only');
const port = parentPort;

const tell = (...answers: readonly Answer[]): void => {
  // named twice, a buffer would keep all of them from being told
  const transfer = new Set<ArrayBuffer>();
  for (const answer of answers)
    if (answer.kind === 'done' && typeof answer.out === 'object' && answer.out !== null)
      for (const part of Object.values(answer.out))
        if (ArrayBuffer.isView(part) && part.buffer instanceof ArrayBuffer) transfer.add(part.buffer);
  port.postMessage(answers, [...transfer]);
};

const options = workerData as WorkerOptions;

/** Why the store does not open, and on a first start where its disk is read-only what it knows all the same. */
function refusal(error: WireError): Answer {
  const refused = { kind: 'refused', error } as const;
  if (error.code !== 'SMX_STORE_READONLY' || options.again !== undefined) return refused;
  try {
    const kept = keptIn(options.folder, options.now);
    return kept === undefined ? refused : { ...refused, kept };
  } catch (cause) {
    const message = `${error.message}; and what is on it cannot be read: ${wireError(cause).message}`;
    return { kind: 'refused', error: { code: error.code, message } };
  }
}

let store: StoreThread | undefined;
try {
  store = new StoreThread(options);
} catch (error) {
  tell(refusal(wireError(error)));
}
if (store !== undefined) {
  const dispatch = new Dispatch(store, { tell, ended: () => port.close() });
  port.on('message', (requests: readonly Request[]) => {
    for (const request of requests) dispatch.take(request);
  });
  tell({ kind: 'opened', opened: store.opened() });
}
