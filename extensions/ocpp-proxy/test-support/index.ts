export { TestBackEnd, type BackEndPlan } from './back-end.js';
export { testChargePoint, type ChargePointPlan, type Refused, type TestChargePoint } from './charge-point.js';
export { Peer, type Got } from './peer.js';
export { DEFAULTS, TestProxy, type TestProxyParts } from './proxy.js';
export { until } from './until.js';
export { MemoryState } from './memory-state.js';
