import { parentPort, workerData } from 'node:worker_threads';
import { SmxError } from '@smx-edge/model';
import { Dispatch } from './dispatch.js';
import type { Answer, Request, WorkerOptions } from './protocol.js';
import { wireError } from './store-error.js';
import { StoreThread } from './store-thread.js';

/** The store's thread: the only one that opens its database and writes its journal, so that no fsync holds up the core. */
if (parentPort === null) throw new SmxError('SMX_INTERNAL', 'the store thread runs as a worker of the store only');
const port = parentPort;

const tell = (answer: Answer): void => {
  const transfer: ArrayBuffer[] = [];
  if (answer.kind === 'done' && typeof answer.out === 'object' && answer.out !== null)
    for (const part of Object.values(answer.out))
      if (ArrayBuffer.isView(part) && part.buffer instanceof ArrayBuffer) transfer.push(part.buffer);
  port.postMessage(answer, transfer);
};

let store: StoreThread | undefined;
try {
  store = new StoreThread(workerData as WorkerOptions);
} catch (error) {
  tell({ kind: 'refused', error: wireError(error) });
}
if (store !== undefined) {
  const dispatch = new Dispatch(store, { tell, ended: () => port.close() });
  port.on('message', (request: Request) => dispatch.take(request));
  tell({ kind: 'opened', opened: store.opened() });
}
