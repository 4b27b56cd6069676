import type { Site } from './site.js';
import type { OwnCertificates } from './tls/own-certificates.js';

/** What calls of an instance ask. */
export interface Running {
  /** Undefined where charge points dial without TLS, or see certificates of the operator. */
  readonly certificates: OwnCertificates | undefined;
  readonly site: Site;
}

/** A call finds it by the context of its instance. */
export const running = new WeakMap<object, Running>();
