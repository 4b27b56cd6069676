/** One operation of the API; routing answers (405), the open paths and the OpenAPI document come from this table. */
export interface Operation {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Path template; `{path+}` is a rest of several segments. */
  readonly path: string;
  readonly id: string;
  readonly summary: string;
  readonly tag: string;
  /** Open without a principal. */
  readonly open?: true;
  /** Area of the `manage` grant that it needs. */
  readonly manage?: string;
  readonly query?: readonly (keyof typeof QUERY)[];
  readonly body?: string;
  readonly status?: number;
  /** Name of the answer's schema; a list of it where it ends with []. */
  readonly answer?: string;
  readonly media?: readonly string[];
  readonly errors?: readonly number[];
}

/** What pages a list. */
export const LIST = ['limit', 'after'] as const;

/** Query parameters by name: what they mean. */
export const QUERY = {
  match: 'Topic filter on paths, e.g. `pcc/power/#`; all where absent',
  from: 'Start, not included: ms UTC, ISO 8601 (without offset in the zone of the site), or a duration before now like `1h`',
  to: 'End, included, in the same forms; now where absent',
  every: 'Window length like `15m`; windows are labelled by their end',
  as: 'Window function: last, mean, min, max, sum or delta',
  secrets: 'true: users, tokens and the device key are in it',
  line: 'Which line of the instance, from 1 as it lists them; 1 where absent',
  principal: 'Whose command it is, where it is not your own; for the authority of the owner',
  last: 'Only so many of the newest, at most 1000; not together with limit and after',
  open: 'true: only commands that hold or wait now, the newest first, all at once',
  limit: 'Most entries of the answer; the next page is in the `Link` header',
  after: 'Where a page begins, as the `Link` header says',
} as const;
