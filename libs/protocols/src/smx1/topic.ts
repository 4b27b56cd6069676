/** A topic of a box: `smx/1/{site}/{party}/…`. */
export interface BoxTopic {
  readonly site: string;
  /** Whom the messages are for. */
  readonly party: string;
  /** `state`, `cat`, `now`, `t/inst` … */
  readonly kind: string;
}

const TOPIC = /^smx\/1\/([A-Za-z0-9_-]{1,64})\/([A-Za-z0-9_-]{1,64})\/(.+)$/;

/** Undefined for any other topic. */
export function decodeTopic(topic: string): BoxTopic | undefined {
  const [, site, party, kind] = TOPIC.exec(topic) ?? [];
  return site === undefined || party === undefined || kind === undefined ? undefined : { site, party, kind };
}
