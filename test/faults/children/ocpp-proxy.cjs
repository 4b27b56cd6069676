// The OCPP proxy as it is shipped, in a process that is there to be killed. It loads all, and begins at the first byte on stdin.
// Arguments: config as JSON; what it does wrong on purpose with each fiftieth message to the back end, `drop` or `twice`.
'use strict';
const { Socket } = require('node:net');
const { runExtension } = require('@smx-edge/extension-api/runtime');
const { default: proxy } = require('@smx-edge/ocpp-proxy');

const [, , config, wrong] = process.argv;
const EACH = 50;

/** A masked text message in one piece, as clients send it (RFC 6455 §5.2). */
function isMessage(chunk) {
  if (!Buffer.isBuffer(chunk) || chunk.length < 6 || chunk[0] !== 0x81 || (chunk[1] & 0x80) === 0) return false;
  const short = chunk[1] & 0x7f;
  return short < 126 ? chunk.length === 6 + short : short === 126 && chunk.length === 8 + chunk.readUInt16BE(2);
}

if (wrong !== undefined) {
  const write = Socket.prototype.write;
  let count = 0;
  Socket.prototype.write = function (chunk, ...rest) {
    if (!isMessage(chunk) || ++count % EACH !== 0) return write.call(this, chunk, ...rest);
    if (wrong === 'drop') return true;
    write.call(this, chunk);
    return write.call(this, chunk, ...rest);
  };
}

process.stdin.once('data', () => runExtension(proxy, { config: JSON.parse(config) }));
