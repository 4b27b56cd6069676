'use strict';
// Shows what comes over any line as a text, and says hello to the other end.
module.exports = {
  async start(smx) {
    const device = smx.device('line');
    const heard = device.point('heard', { type: 'string', maxAge: 0 });
    const line = smx.open(smx.config.source);
    let text = '';
    for await (const bytes of line) {
      text += Buffer.from(bytes).toString();
      if (text.length > 0) await line.write(Buffer.from(`you said ${text.trim()}\n`));
      line.frame('ok');
      heard.set(text.trim());
    }
  },
};
