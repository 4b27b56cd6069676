import type { LaneForm, LanePlan } from '@smx-edge/model';

/** Points of a plan whose rows go into one batch: one shape, held back for one time. */
export interface Group {
  readonly key: string;
  readonly every: number;
  readonly interval: number;
  readonly delay: number;
  /** Every sample is a row; else rows are those of closed windows, or the last of each part of a rate. */
  readonly isRaw: boolean;
  /** By handle. */
  readonly forms: ReadonlyMap<number, LaneForm>;
}

/** The groups of a plan, in an order that depends on nothing but the plan. */
export function groupsOf(plan: LanePlan): Group[] {
  const found = new Map<string, LaneForm[]>();
  for (const form of plan.forms) {
    const { every, delay } = form;
    const key = `${every}/${form.interval > every ? form.interval : 0}/${delay}`;
    const forms = found.get(key);
    if (forms === undefined) found.set(key, [form]);
    else forms.push(form);
  }
  return [...found]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, forms]) => {
      const [every = 0, interval = 0, delay = 0] = key.split('/').map(Number);
      const isRaw = every === 0 && interval === 0;
      return { key, every, interval, delay, isRaw, forms: new Map(forms.map((form) => [form.handle, form])) };
    });
}
