/** No message of OCPP has a tenth of these levels. */
const MOST_LEVELS = 200;
/** A text as short as that may nest as it likes: nobody's stack is in danger. */
const SHORT = 4096;
const [QUOTE, OPEN, BACKSLASH, CLOSE, OPEN_OBJECT, CLOSE_OBJECT] = [0x22, 0x5b, 0x5c, 0x5d, 0x7b, 0x7d];

/** Whether a long JSON text nests so deep that what it becomes could not be written as JSON again without the stack running out. */
export function isTooDeep(text: string): boolean {
  if (text.length <= SHORT) return false;
  let levels = 0;
  let isText = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) isText = !isText;
    else if (isText) {
      if (code === BACKSLASH) at += 1;
    } else if (code === OPEN || code === OPEN_OBJECT) {
      levels += 1;
      if (levels > MOST_LEVELS) return true;
    } else if (code === CLOSE || code === CLOSE_OBJECT) levels -= 1;
  }
  return false;
}
