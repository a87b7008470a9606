import { applyDecorators, Header } from '@nestjs/common';
import type { Response } from 'express';

import * as resource from '../../support/javascript/resource.mjs';

/** The headers of the resource that have a fixed value. */
export function ResourceHeaders() {
  return applyDecorators(...Object.entries<string>(resource.headers).map(([name, value]) => Header(name, value)));
}

/** The body of the resource. `@Header` would replace what stands in `Vary`. */
export function answer(res: Response) {
  res.vary(resource.vary);
  return resource.body;
}
