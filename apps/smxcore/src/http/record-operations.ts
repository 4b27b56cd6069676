import { LIST, type Operation } from './operation.js';

/** Events, their files, and load profiles. */
export const RECORD_OPERATIONS: readonly Operation[] = [
  {
    method: 'GET',
    path: '/api/v1/events',
    id: 'listEvents',
    tag: 'events',
    summary: 'Events of granted devices and points',
    query: ['match', 'from', 'to', ...LIST],
    answer: 'Event[]',
  },
  {
    method: 'GET',
    path: '/api/v1/events/{id}/files/{name}',
    id: 'readEventFile',
    tag: 'events',
    summary: 'A file of an event, as it was given; always for saving, never shown',
    media: ['application/octet-stream'],
    errors: [404, 410],
  },
  {
    method: 'GET',
    path: '/api/v1/profiles',
    id: 'listProfiles',
    tag: 'profiles',
    summary: 'Load profiles of which this principal may see rows',
    query: ['match', ...LIST],
    answer: 'Profile[]',
  },
  {
    method: 'GET',
    path: '/api/v1/profiles/{device}/{id}',
    id: 'readProfile',
    tag: 'profiles',
    summary:
      'Rows of a load profile by interval end, streamed; `from` and `to` are all where absent. Billing values are decimal strings in the unit of their column',
    query: ['from', 'to'],
    answer: 'ProfileRows',
    errors: [404],
  },
];
