const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

interface Place {
  /** BCP 47. */
  readonly language: string;
  /** IANA name. */
  readonly zone: string;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function formatted(t: number, { language, zone }: Place, options: Intl.DateTimeFormatOptions): string {
  const key = `${language} ${zone} ${JSON.stringify(options)}`;
  let format = formats.get(key);
  if (format === undefined) {
    // the hours of the day as people of the languages here write them
    format = new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : language, { timeZone: zone, ...options });
    formats.set(key, format);
  }
  return format.format(t);
}

/** Time of day with seconds; with its date where it is not of the day of `now`. All ms UTC. */
export function timeText(t: number, now: number, place: Place): string {
  const time = formatted(t, place, { hour: '2-digit', minute: '2-digit', second: '2-digit' });
  const day = (at: number): string => formatted(at, place, { day: 'numeric', month: 'short' });
  if (day(t) === day(now) && Math.abs(now - t) < DAY) return time;
  const year = Math.abs(now - t) > 180 * DAY ? ({ year: 'numeric' } as const) : {};
  return `${formatted(t, place, { day: 'numeric', month: 'short', ...year })} ${time.slice(0, -3)}`;
}

/** About how long, in one unit: `12 s`, `5 min`, `3 h`, `2 d`. */
export function spanText(ms: number): string {
  const span = Math.abs(ms);
  if (span < MINUTE) return `${Math.floor(span / SECOND)}\u202fs`;
  if (span < HOUR) return `${Math.floor(span / MINUTE)}\u202fmin`;
  if (span < 2 * DAY) return `${Math.floor(span / HOUR)}\u202fh`;
  return `${Math.floor(span / DAY)}\u202fd`;
}
