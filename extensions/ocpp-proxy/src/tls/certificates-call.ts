import type { CallDefinition } from '@smx-edge/extension-api';
import { SmxError } from '@smx-edge/model';
import { running } from '../running.js';
import type { CertificateTelling } from './own-certificates.js';

/** Times are ms UTC. Keys are never told. */
export interface CertificatesAnswer {
  /** PEM that charge points have to trust: the one for the kind of key that they speak, or both. */
  readonly trust: { readonly ecdsa: string; readonly rsa: string };
  readonly server: readonly CertificateTelling[];
}

/** What charge points have to trust, and what they are shown; `renew` makes it anew. Throws SMX_EXTENSION_CALL. */
export const certificates: CallDefinition<never> = {
  args: {
    type: 'object',
    additionalProperties: false,
    properties: {
      renew: {
        description:
          'server: what charge points are shown; authority: also what they trust, which each has then to be told.',
        enum: ['server', 'authority'],
      },
    },
  },
  async run(args, smx): Promise<CertificatesAnswer> {
    const own = running.get(smx)?.certificates;
    if (own === undefined)
      throw new SmxError(
        'SMX_EXTENSION_CALL',
        'This instance has no certificates of its own: give it `listen: wss://…` without `tls.certificates`',
      );
    const { renew } = args as { readonly renew?: 'server' | 'authority' };
    if (renew !== undefined) await own.renew({ authority: renew === 'authority' });
    return { trust: own.authorities, server: own.telling };
  },
};
