// Preloaded into a worker: it dies by kill -9 when it is about to publish on a topic that ends with DIES_BEFORE, or to ask
// the database what begins with it.
'use strict';
const { MqttClient } = require('mqtt');
const { Client } = require('pg');

const { DIES_BEFORE } = process.env;
const die = () => process.kill(process.pid, 'SIGKILL');

const { publishAsync } = MqttClient.prototype;
MqttClient.prototype.publishAsync = function (topic, ...rest) {
  if (topic.endsWith(DIES_BEFORE)) die();
  return publishAsync.call(this, topic, ...rest);
};

const { query } = Client.prototype;
Client.prototype.query = function (text, ...rest) {
  if (typeof text === 'string' && text.startsWith(DIES_BEFORE)) die();
  return query.call(this, text, ...rest);
};
