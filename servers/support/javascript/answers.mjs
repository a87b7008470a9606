/** The middleware has no documented way to say a policy. */
export class Unsupported extends Error {
  constructor(reason, issue) {
    super(reason);
    this.issue = issue;
  }
}

/** The middleware itself rejects a policy. */
export class Refused extends Error {}

/** Runs what hands a policy to the middleware: what it throws is its refusal. */
export async function orRefused(construct) {
  try {
    return await construct();
  } catch (error) {
    throw new Refused(error.message);
  }
}
