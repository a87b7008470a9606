import { upstream } from './upstream.mjs';

/** What `start` makes of the resource's address, together with the resource: both stop as one. */
export async function inFrontOfTheResource(start) {
  const resource = await upstream();
  try {
    const server = await start(resource.url);
    const stop = async () => {
      await server.stop();
      await resource.stop();
    };
    return { url: server.url, stop };
  } catch (error) {
    await resource.stop();
    throw error;
  }
}
