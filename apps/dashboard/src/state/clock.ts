import { signal } from '@preact/signals';

/** Below this the two clocks agree as well as a header in whole seconds can tell, ms. */
const SAME = 2000;

let offset = 0;

/** Ages are told by the clock of the box: that of a phone may be minutes off. */
export function followBoxClock(dateHeader: string | null): void {
  const t = Date.parse(dateHeader ?? '');
  if (Number.isNaN(t)) return;
  const difference = t - Date.now();
  offset = Math.abs(difference) < SAME ? 0 : difference;
  now.value = boxNow();
}

/** ms UTC at the box. */
export const boxNow = (): number => Date.now() + offset;

/** The same, each second. */
export const now = signal(boxNow());

setInterval(() => {
  if (!document.hidden) now.value = boxNow();
}, 1000);
