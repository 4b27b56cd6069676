export { decodeCatalogue, type BoxCatalogue, type CatDevice, type CatPoint } from './catalogue.js';
export { decodeNow, nowSample, type BoxNow, type NowSample } from './now.js';
export { decodeState, type BoxState } from './state.js';
export { decodeTopic, type BoxTopic } from './topic.js';
