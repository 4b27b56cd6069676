import type { Operations, Request } from './protocol.js';
import type { StoreThread } from './store-thread.js';

const OPERATIONS = [
  'addEvent',
  'events',
  'eventFile',
  'putPrincipal',
  'removePrincipal',
  'ledger',
  'stateGet',
  'stateSet',
  'stateSize',
  'laneOpen',
  'laneClose',
  'recordsOpen',
  'recordsCut',
  'recordsRead',
  'putProfile',
  'profileLast',
  'appendProfile',
  'profileRows',
  'profileCommits',
  'keys',
  'evidence',
  'claimCommand',
  'putCommands',
  'findCommand',
  'commands',
  'openCommands',
  'point',
  'append',
] as const;

type DatabaseOperation = (typeof OPERATIONS)[number];
export type DatabaseRequest = Extract<Request, { op: DatabaseOperation }>;

export function isDatabaseRequest(request: Request): request is DatabaseRequest {
  return (OPERATIONS as readonly string[]).includes(request.op);
}

/** Does what a request asks, within the transaction of its turn. Points and ledger entries were done ahead of it. */
export function answerDatabase(store: StoreThread, request: DatabaseRequest): Operations[DatabaseOperation]['out'] {
  const { commands, events, principals, state, evidence, lanes } = store;
  const { files, keys, ledger, profiles } = evidence;
  switch (request.op) {
    case 'addEvent':
      return events.addOnce(request.in, request.in.files, request.now);
    case 'events':
      return events.read(request.in);
    case 'eventFile':
      return files.read(request.in.event, request.in.name);
    case 'putPrincipal':
      principals.put(request.in);
      return undefined;
    case 'removePrincipal':
      principals.remove(request.in);
      return undefined;
    case 'ledger':
      return ledger.read(request.in.from, request.in.limit);
    case 'stateGet':
      return state.get(request.in.instance, request.in.key);
    case 'stateSet':
      state.set(request.in.instance, request.in.key, request.in.value);
      return undefined;
    case 'stateSize':
      return state.size(request.in);
    case 'putProfile':
      return profiles.put(request.in);
    case 'profileLast':
      return profiles.last(request.in);
    case 'appendProfile':
      return profiles.append(request.in, request.now);
    case 'profileRows':
      return profiles.read(request.in, request.now);
    case 'profileCommits':
      return profiles.commits(request.in, request.now);
    case 'keys':
      return keys.all();
    case 'evidence':
      return evidence.begin(request.now);
    case 'claimCommand':
      return commands.claim(request.in, request.now);
    case 'putCommands':
      commands.put(request.in, store.agedBy(request.now));
      return undefined;
    case 'findCommand':
      return commands.find(request.in.principal, request.in.id);
    case 'commands':
      return commands.read(request.in);
    case 'openCommands':
      return commands.open();
    case 'laneOpen': {
      const { lane, plan, change } = request.in;
      return lanes.open(lane, plan, { ...change, now: request.now });
    }
    case 'recordsOpen':
      return lanes.openRecords(request.in, request.now);
    case 'recordsCut':
      return lanes.cutRecords(request.in.lane, request.in, request.now);
    case 'recordsRead':
      return lanes.readRecords(request.in.lane, request.in.from, request.in.count);
    case 'laneClose':
      lanes.close(request.in);
      return undefined;
    case 'point':
    case 'append':
      return undefined;
  }
}
