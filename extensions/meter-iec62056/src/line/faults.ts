import { SmxError, type ErrorCode } from '@smx-edge/model';
import type { Identification, ReadingFault, SessionFault } from '@smx-edge/protocols/iec62056-21';

/** An end of a conversation, with a code and what to do. `by`: who answered, where somebody did. */
export function sessionError(fault: SessionFault, by?: Identification): SmxError {
  const [code, text] = told(fault, by);
  return new SmxError(code, text);
}

function told(fault: SessionFault, by: Identification | undefined): [ErrorCode, string] {
  switch (fault.why) {
    case 'silent':
      if (by === undefined) return ['SMX_METER_SILENT', 'The meter does not answer: check head, cable, speed and address'];
      if (by.escapes.includes('2'))
        return ['SMX_METER_MODE', `${nameOf(by)} says who it is and offers HDLC (mode E), but gives nothing in this mode: read it with meter-dlms`]; // prettier-ignore
      return ['SMX_METER_SILENT', `${nameOf(by)} says who it is and then nothing: try another \`baud-delay\`, or \`max-baud\``]; // prettier-ignore
    case 'wrong-password':
      return ['SMX_METER_REFUSED', `The meter refused the password (${fault.answer}): nothing more is tried until the config changes`]; // prettier-ignore
    case 'broken-off':
      return ['SMX_METER_BUSY', 'The meter ended the conversation'];
    case 'mode':
      return ['SMX_METER_MODE', `The meter answers in another mode: ${fault.detail}`];
    case 'speed':
      return ['SMX_METER_MODE', `${nameOf(fault.identification)} proposes ${fault.identification.baud ?? 'no'} baud, and the line keeps to another speed: set \`baud\``]; // prettier-ignore
    case 'damaged':
      return [
        'SMX_PROTOCOL_BLOCK',
        'What the meter sends arrives damaged, also when it is asked again: check head, cable and speed',
      ];
  }
}

const nameOf = ({ manufacturer, text }: Identification): string => `The meter ${manufacturer} ${text}`;

/** A reading that brought nothing; the conversation stands. */
export function readingError(fault: ReadingFault, asked: string): SmxError {
  switch (fault.why) {
    case 'refused':
      return new SmxError(
        'SMX_METER_OBJECT',
        `The meter gives no ${asked} (${fault.error}): it has none, or protects it`,
      );
    case 'nak':
      return new SmxError('SMX_METER_OBJECT', `The meter does not take the question for ${asked}`);
    case 'damaged':
      return new SmxError('SMX_PROTOCOL_BLOCK', `The answer for ${asked} arrives damaged, also when it is asked again`);
    case 'long':
      return new SmxError('SMX_PROTOCOL_BLOCK', `The answer for ${asked} is longer than is taken`);
  }
}
