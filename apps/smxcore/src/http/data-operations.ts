import type { Operation } from './operation.js';

/** Operations on all that the box keeps. */
export const DATA_OPERATIONS: readonly Operation[] = [
  {
    method: 'GET',
    path: '/api/v1/backup',
    id: 'backup',
    tag: 'data',
    summary:
      'A consistent copy of all the box keeps, as a tar archive for `smx restore`; needs the right to manage everything',
    manage: '#',
    query: ['secrets'],
    media: ['application/x-tar'],
    errors: [503],
  },
  {
    method: 'POST',
    path: '/api/v1/erase',
    id: 'erase',
    tag: 'data',
    summary:
      'Erases samples and 15-minute windows of points, also of removed ones, of before a time; needs the right to manage everything',
    manage: '#',
    body: 'Erasure',
    status: 200,
    answer: 'Erased',
    errors: [503],
  },
];
