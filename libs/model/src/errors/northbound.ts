import type { ErrorEntry } from './entry.js';

export const NORTHBOUND_ERRORS = {
  SMX_BROKER_ADDRESS: {
    class: 'config',
    status: 500,
    help: 'The local broker cannot listen at its address; is the port taken?',
  },
  SMX_LINK_DNS: {
    class: 'retryable',
    status: 503,
    help: 'The host name of the broker of a link cannot be resolved; check `url:` and the name server of the box.',
  },
  SMX_LINK_REFUSED: {
    class: 'retryable',
    status: 503,
    help: 'Nothing listens at the address of a link; check host and port, and whether the broker runs.',
  },
  SMX_LINK_UNREACHABLE: {
    class: 'retryable',
    status: 503,
    help: 'The broker of a link does not answer on TCP; check the network, the route and firewalls on the way.',
  },
  SMX_LINK_TLS_CA: {
    class: 'security',
    status: 503,
    help: 'The certificate of the broker is signed by nobody the link trusts; set `tls: { ca: … }` to the CA of that broker.',
  },
  SMX_LINK_TLS_EXPIRED: {
    class: 'security',
    status: 503,
    help: 'The certificate of the broker is outside its time; its operator must renew it, or the clock of the box is wrong.',
  },
  SMX_LINK_TLS_HOST: {
    class: 'security',
    status: 503,
    help: 'The certificate of the broker is for another host; use in `url:` a name that stands in it.',
  },
  SMX_LINK_TLS_CLIENT: {
    class: 'security',
    status: 503,
    help: 'The broker does not take the certificate of the link; check `tls: { cert: …, key: … }`, its time and who signed it.',
  },
  SMX_LINK_TLS: {
    class: 'security',
    status: 503,
    help: 'No TLS with the broker of a link; does this port speak TLS, and which versions?',
  },
  SMX_LINK_AUTH: {
    class: 'security',
    status: 503,
    help: 'The broker refuses the login of a link; check `auth:` and what that login may do there.',
  },
  SMX_LINK_DENIED: {
    class: 'security',
    status: 503,
    help: 'The broker denies a topic to the login of a link; let it write `smx/1/{site}/{party}/#` and read the down topics.',
  },
  SMX_LINK_SILENT: {
    class: 'retryable',
    status: 503,
    help: 'The broker took the connection and then said nothing; is it overloaded, or does something else listen there?',
  },
  SMX_LINK_PACKET: {
    class: 'permanent',
    status: 503,
    help: 'A message is larger than the broker takes; raise its packet limit, set `compress: deflate`, or grant fewer points.',
  },
  SMX_LINK_QUOTA: {
    class: 'retryable',
    status: 503,
    help: 'The broker has no room for the link now: a quota, a rate, or too busy; ask its operator, or set a longer `now:`.',
  },
  SMX_LINK_VERSION: {
    class: 'permanent',
    status: 503,
    help: 'The broker speaks neither MQTT 5.0 nor 3.1.1.',
  },
  SMX_LINK_TAKEN: {
    class: 'permanent',
    status: 503,
    help: 'Another client took over the session of a link; do two boxes have the same site and link name?',
  },
  SMX_LINK_PROTOCOL: {
    class: 'permanent',
    status: 503,
    help: 'What answers at the address of a link does not speak MQTT as it should; check host and port.',
  },
  SMX_LINK_ENDED: {
    class: 'retryable',
    status: 503,
    help: 'The broker ended the connection of a link without a reason; its log may have one.',
  },
  SMX_LINK_REMOVED: {
    class: 'permanent',
    status: 503,
    help: 'A link that is no longer in the config: what its broker still holds of it is emptied, then it is gone.',
  },
  SMX_MESSAGE_MALFORMED: {
    class: 'permanent',
    status: 400,
    help: 'The payload of a command, schedule or request is not the JSON the contract says; `reason` says where.',
  },
} as const satisfies Record<string, ErrorEntry>;
