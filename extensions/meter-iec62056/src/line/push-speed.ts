import type { Line } from '@smx-edge/extension-api';
import type { LineSettings } from '../settings.js';

/** Speed of mode D (IEC 62056-21 §6.4.6). */
const BAUD = 2400;

/** Sets the speed at which a meter sends unasked, where the line has one and its source names none. Rejects as the line does. */
export async function setPushSpeed(
  line: Pick<Line, 'configure'>,
  { hasSpeed, source, fixedBaud = BAUD }: Pick<LineSettings, 'hasSpeed' | 'source' | 'fixedBaud'>,
): Promise<void> {
  if (hasSpeed && !/[?&]baud=/.test(source)) await line.configure({ baud: fixedBaud, mode: '8N1' });
}
