import { Unsupported } from './answers.mjs';
import { subdomains } from './policy.mjs';

/** A subdomain pattern as `/^https:\/\/([a-z0-9-]+\.)+apps\.example$/`, any other origin as it is. */
export function anchored(entry) {
  const pattern = subdomains(entry);
  return pattern ? new RegExp(`^${pattern.scheme}:\\/\\/([a-z0-9-]+\\.)+${escaped(pattern.domain)}$`) : entry;
}

/** A subdomain pattern as `/\.apps\.example$/`, which leaves the scheme open, any other origin as it is. */
export function openAtTheStart(entry) {
  const pattern = subdomains(entry);
  return pattern ? new RegExp(`\\.${escaped(pattern.domain)}$`) : entry;
}

function escaped(text) {
  return text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');
}

/** For middlewares whose documentation shows no way to permit subdomains. */
export function refusePatterns(policy, reason) {
  if (policy.origins.some(subdomains)) {
    throw new Unsupported(reason);
  }
}
