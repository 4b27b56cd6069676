export { openMqtt } from './open-mqtt.js';
export type { MqttLinkOptions, OpenMqtt } from './types.js';
