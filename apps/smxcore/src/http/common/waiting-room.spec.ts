import { createServer } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { once } from 'node:events';
import { WaitingRoom } from './waiting-room.js';

it('pushes out the oldest silent connection, and none that has asked', async () => {
  const server = createServer((_request, response) => void response.write('held open'));
  new WaitingRoom(server, { most: 2, event: 'connection' });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const open = async (): Promise<Socket> => {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1').on('error', () => undefined);
    await Promise.all([once(socket, 'connect'), once(server, 'connection')]);
    return socket;
  };
  const asking = await open();
  asking.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  await once(asking, 'data');
  const oldest = await open();
  const gone = once(oldest, 'close');
  const others = [await open(), await open()];
  await gone;
  expect([asking, ...others].map(({ destroyed }) => destroyed)).toEqual([false, false, false]);
  for (const socket of [asking, ...others]) socket.destroy();
  server.close();
});
