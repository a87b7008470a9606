const isListOfStrings = (value) => Array.isArray(value) && value.every((entry) => typeof entry === 'string');
const isBoolean = (value) => typeof value === 'boolean';
const isSecondsOrNull = (value) => value === null || (Number.isSafeInteger(value) && value >= 0);

const fields = {
  origins: isListOfStrings,
  methods: isListOfStrings,
  headers: isListOfStrings,
  expose: isListOfStrings,
  credentials: isBoolean,
  max_age: isSecondsOrNull,
};

/** The first field of a policy that the protocol does not have, if any. */
export function unknownField(policy) {
  return Object.keys(policy ?? {}).find((name) => !Object.hasOwn(fields, name));
}

/** What is wrong with a policy, if anything. */
export function problemOf(policy) {
  if (policy === null || typeof policy !== 'object') {
    return 'a policy is an object or null';
  }
  const wrong = Object.entries(fields).find(([name, isRight]) => !isRight(policy[name]));
  return wrong && `the policy's ${wrong[0]} is missing or of the wrong type`;
}

/** Whether a list says "any". */
export function isAny(list) {
  return list.length === 1 && list[0] === '*';
}

/** The two parts of a subdomain pattern, or undefined for any other origin: `https` and `apps.example`. */
export function subdomains(origin) {
  const parts = /^([a-z][a-z0-9+.-]*):\/\/\*\.(.+)$/.exec(origin);
  return parts ? { scheme: parts[1], domain: parts[2] } : undefined;
}
