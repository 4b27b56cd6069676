import { LIST, type Operation } from '../operation.js';

/** Commands and schedules in the table of operations. */
export const COMMAND_OPERATIONS: readonly Operation[] = [
  {
    method: 'POST',
    path: '/api/v1/commands',
    id: 'command',
    tag: 'commands',
    summary:
      'Gives a set-point a value, or with `min` and `max` a limit, for a time. 202 with its id once it is accepted and kept; a refusal is a problem with its code. The same id is answered again, never executed again, for 7 days. 1 per second, 10 at once',
    body: 'CommandWish',
    status: 202,
    answer: 'CommandTaken',
    errors: [403, 404, 405, 409, 503],
  },
  {
    method: 'GET',
    path: '/api/v1/commands',
    id: 'listCommands',
    tag: 'commands',
    summary:
      'Own commands, newest first; with the authority of the owner those of all parties at the set-points it may command',
    query: ['match', 'open', ...LIST],
    answer: 'Command[]',
  },
  {
    method: 'GET',
    path: '/api/v1/commands/{id}',
    id: 'readCommand',
    tag: 'commands',
    summary: 'A command with all its stages',
    query: ['principal'],
    answer: 'Command',
    errors: [404],
  },
  {
    method: 'DELETE',
    path: '/api/v1/commands/{id}',
    id: 'cancelCommand',
    tag: 'commands',
    summary: 'Ends a command before its time: the next valid one, or the default, is on the device within a second',
    query: ['principal'],
    answer: 'Command',
    errors: [404],
  },
  {
    method: 'PUT',
    path: '/api/v1/schedules/{setpoint+}',
    id: 'putSchedule',
    tag: 'commands',
    summary:
      'Set-points in advance: up to 200 values from `start` in even steps, or a SenML pack. It holds over older ones of the same party for its time. A body without `id` gets one',
    body: 'ScheduleWish',
    answer: 'CommandTaken',
    errors: [403, 404, 405, 409, 503],
  },
  {
    method: 'GET',
    path: '/api/v1/schedules',
    id: 'listSchedules',
    tag: 'commands',
    summary: 'Own schedules that run, the newest first; with the authority of the owner those of all parties',
    query: ['match'],
    answer: 'Schedule[]',
  },
  {
    method: 'GET',
    path: '/api/v1/schedules/{setpoint+}',
    id: 'readSchedule',
    tag: 'commands',
    summary: 'The newest schedule of a set-point, and in `all` every one that still runs; own ones, all for the owner',
    answer: 'Schedule',
    errors: [404],
  },
  {
    method: 'DELETE',
    path: '/api/v1/schedules/{setpoint+}',
    id: 'deleteSchedule',
    tag: 'commands',
    summary:
      'Ends the own schedules of a set-point, and what they hold; with `principal` those of another party, for the owner',
    query: ['principal'],
    status: 204,
    errors: [403, 404],
  },
];
