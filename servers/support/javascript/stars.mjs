import { Unsupported } from './answers.mjs';

/** For options that a middleware sends as they stand: "*" is no wildcard for requests with credentials. */
export function requireNames(options, ...names) {
  const star = names.find((name) => options.credentials && String(options[name]) === '*');
  if (star !== undefined) {
    throw new Unsupported(`${star} is sent as it stands, and for requests with credentials "*" is no wildcard`);
  }
}
