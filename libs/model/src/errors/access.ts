import type { ErrorEntry } from './entry.js';

export const ACCESS_ERRORS = {
  SMX_ACCESS_UNAUTHENTICATED: {
    class: 'security',
    status: 401,
    help: 'No valid token or session came with the request; send `Authorization: Bearer TOKEN`.',
  },
  SMX_ACCESS_DENIED: {
    class: 'security',
    status: 403,
    help: 'The role of this principal grants no such action; ask the owner of the box for a grant.',
  },
  SMX_ACCESS_TOO_FINE: {
    class: 'security',
    status: 403,
    help: 'A finer resolution than granted was asked for; ask for the granted `every` or a multiple of it.',
  },
  SMX_ACCESS_NAME_TAKEN: {
    class: 'config',
    status: 409,
    help: 'Users, tokens, links and instances share one name space; choose another name.',
  },
  SMX_ACCESS_NAME_INVALID: {
    class: 'config',
    status: 400,
    help: 'Names are lower case letters, digits and -, at most 31 characters.',
  },
  SMX_ACCESS_ROLE_UNKNOWN: {
    class: 'config',
    status: 400,
    help: 'No such role in roles.yaml and none built in (owner, installer, viewer).',
  },
  SMX_ACCESS_LOGIN: {
    class: 'security',
    status: 401,
    help: 'Name or password is wrong; `smx user passwd NAME` on the box sets a new one.',
  },
  SMX_ACCESS_PASSWORD: {
    class: 'config',
    status: 400,
    help: 'Choose another password: 8 to 128 letters.',
  },
  SMX_ACCESS_SETUP: {
    class: 'security',
    status: 401,
    help: 'This box has no user yet; the code in `setup` of its data folder makes the owner, or `smx user add` does.',
  },
  SMX_ACCESS_PRINCIPAL_UNKNOWN: { class: 'permanent', status: 404, help: 'No user or token of this name exists.' },
} as const satisfies Record<string, ErrorEntry>;
