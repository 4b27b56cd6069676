import type { Operations, Request } from './protocol.js';
import type { StoreThread } from './store-thread.js';

const OPERATIONS = [
  'addEvent',
  'events',
  'putPrincipal',
  'removePrincipal',
  'ledger',
  'verifyLedger',
  'stateGet',
  'stateSet',
  'stateSize',
  'point',
  'append',
] as const;

type DatabaseOperation = (typeof OPERATIONS)[number];
export type DatabaseRequest = Extract<Request, { op: DatabaseOperation }>;

export function isDatabaseRequest(request: Request): request is DatabaseRequest {
  return (OPERATIONS as readonly string[]).includes(request.op);
}

/** Does what a request asks, within the transaction of its turn. Points and ledger entries were done ahead of it. */
export function answerDatabase(
  { events, principals, ledger, state }: StoreThread,
  request: DatabaseRequest,
): Operations[DatabaseOperation]['out'] {
  switch (request.op) {
    case 'addEvent':
      return events.add(request.in);
    case 'events':
      return events.read(request.in);
    case 'putPrincipal':
      principals.put(request.in);
      return undefined;
    case 'removePrincipal':
      principals.remove(request.in);
      return undefined;
    case 'ledger':
      return ledger.read(request.in.from, request.in.limit);
    case 'verifyLedger':
      return ledger.verify();
    case 'stateGet':
      return state.get(request.in.instance, request.in.key);
    case 'stateSet':
      state.set(request.in.instance, request.in.key, request.in.value);
      return undefined;
    case 'stateSize':
      return state.size(request.in);
    case 'point':
    case 'append':
      return undefined;
  }
}
