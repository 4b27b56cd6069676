export type { BrokerOptions } from './broker-client.js';
export { MqttDevice, type MqttDeviceOptions, type MqttTools } from './mqtt-device.js';
