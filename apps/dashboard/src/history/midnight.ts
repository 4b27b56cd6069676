const HOUR = 3_600_000;

/** The begin of the local day that holds `t`, ms UTC; also on days on which clocks are changed. */
export function midnightBefore(t: number, zone: string): number {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  });
  const sinceMidnight = (at: number): number => {
    const [h = 0, m = 0, s = 0] = format.format(at).split(':').map(Number);
    return ((h * 60 + m) * 60 + s) * 1000 + (at % 1000);
  };
  const guess = t - sinceMidnight(t);
  const left = sinceMidnight(guess);
  // an hour was left out or came twice since midnight
  return left === 0 ? guess : left > 12 * HOUR ? guess + (24 * HOUR - left) : guess - left;
}
