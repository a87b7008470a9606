import { type CanActivate, type ExecutionContext, Injectable, UnauthorizedException } from '@nestjs/common';

import * as resource from '../../support/javascript/resource.mjs';

@Injectable()
export class TokenGuard implements CanActivate {
  canActivate(context: ExecutionContext) {
    const http = context.switchToHttp();
    if (!resource.isAuthorized(http.getRequest().headers.authorization)) {
      http.getResponse().set('WWW-Authenticate', resource.challenge);
      throw new UnauthorizedException();
    }
    return true;
  }
}
