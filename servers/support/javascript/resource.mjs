/** What the routes of the resource answer; each server says it in the way of its framework. */

export const body = { resource: 'ok' };
export const headers = { 'X-Request-Id': 'r-1', 'X-Secret': 's-1' };
export const vary = 'Accept-Language';
export const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];
export const cacheControl = 'public, max-age=600';
export const legacyOrigin = 'https://legacy.example';
export const ownAllow = 'GET, OPTIONS';
export const challenge = 'Bearer';

export function isAuthorized(authorization) {
  return authorization === 'Bearer letmein';
}

export function fail() {
  throw new Error('the handler fails');
}
