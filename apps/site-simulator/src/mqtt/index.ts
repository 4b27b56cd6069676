export { BrokerClient, type BrokerOptions } from './broker-client.js';
