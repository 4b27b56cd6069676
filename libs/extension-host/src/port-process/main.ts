/**
 * The port process: the one process of the box that loads a native add-on for serial lines. It runs as a child of the
 * core with an IPC channel, takes the run folder as its only argument, and ends with its parent.
 */
import { listPorts } from './list-ports.js';
import type { PortAnswer, PortCommand } from './messages.js';
import { PortDoor } from './port-door.js';
import { failureOf } from './port-session.js';

const FAREWELL = 200;

async function answer(door: PortDoor, command: PortCommand): Promise<PortAnswer> {
  const { id } = command;
  try {
    if (command.op === 'list') return { id, ports: listPorts() };
    return { id, grant: await door.open(command.path, { baud: command.baud, mode: command.mode }) };
  } catch (error) {
    return { id, error: failureOf(error) };
  }
}

function main(runDir: string): void {
  const door = new PortDoor(runDir);
  process.on('message', (command: PortCommand) => {
    void answer(door, command).then((reply) => {
      if (process.connected) process.send?.(reply);
    });
  });
  // the parent is gone or asks for the end: the sockets tell their instances, then the ports close with the process
  process.on('disconnect', () => {
    door.close();
    setTimeout(() => process.exit(0), FAREWELL);
  });
  // a terminal and a service manager signal the whole group; the core decides when this ends
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => undefined);
}

main(process.argv[2] ?? '.');
