export * from './json.js';
export { Peer, type Answer, type Reply } from './peer.js';
