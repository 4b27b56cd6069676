/** Whether a source is a serial line that leaves its speed to us. */
export function leavesSpeed(source: string): boolean {
  return source.startsWith('serial:') && !/[?&]baud=/.test(source);
}
