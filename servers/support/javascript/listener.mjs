import { once } from 'node:events';

/** Has a `http.Server` listen on a port of its own choosing. */
export async function listen(server) {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return listening(server);
}

/** A `http.Server` that listens already, as the protocol loop wants it. */
export function listening(server) {
  return { url: `http://127.0.0.1:${server.address().port}`, stop: () => stop(server) };
}

/** Kept-alive connections would hold the port open. */
async function stop(server) {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}
