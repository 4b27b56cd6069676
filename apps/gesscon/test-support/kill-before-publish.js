// Preloaded into a worker: it dies by kill -9 when it is about to publish on a topic that ends with DIES_BEFORE.
'use strict';
const { MqttClient } = require('mqtt');

const { publishAsync } = MqttClient.prototype;
MqttClient.prototype.publishAsync = function (topic, ...rest) {
  if (topic.endsWith(process.env.DIES_BEFORE)) process.kill(process.pid, 'SIGKILL');
  return publishAsync.call(this, topic, ...rest);
};
