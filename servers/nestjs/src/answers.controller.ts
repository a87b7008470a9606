import { Controller, Get, Header, Headers, Options, Param, Post, Put, Query, Redirect, Res, UseGuards } from '@nestjs/common';
import type { Response } from 'express';

import * as resource from '../../support/javascript/resource.mjs';
import { answer, ResourceHeaders } from './answer.js';
import { TokenGuard } from './token.guard.js';

/** Every route but `/resource`. */
@Controller()
export class AnswersController {
  @Get('cacheable')
  @ResourceHeaders()
  @Header('Cache-Control', resource.cacheControl)
  cacheable(@Res({ passthrough: true }) res: Response) {
    return answer(res);
  }

  @Get('status/:code')
  status(@Param('code') code: string, @Res({ passthrough: true }) res: Response) {
    res.status(Number(code));
    return { status: Number(code) };
  }

  @Post('status/:code')
  statusOfPost(@Param('code') code: string, @Res({ passthrough: true }) res: Response) {
    return this.status(code, res);
  }

  @Get('error')
  fail() {
    resource.fail();
  }

  @Post('error')
  failOnPost() {
    resource.fail();
  }

  @Get('protected')
  @UseGuards(TokenGuard)
  @ResourceHeaders()
  guarded(@Res({ passthrough: true }) res: Response) {
    return answer(res);
  }

  @Get('session')
  session(@Headers('cookie') cookie?: string) {
    return { cookie: cookie ?? null };
  }

  @Get('redirect')
  @Redirect()
  redirect(@Query('to') url: string, @Query('status') status: string) {
    return { url, statusCode: Number(status) };
  }

  @Post('redirect')
  @Redirect()
  redirectPost(@Query('to') url: string, @Query('status') status: string) {
    return this.redirect(url, status);
  }

  @Put('redirect')
  @Redirect()
  redirectPut(@Query('to') url: string, @Query('status') status: string) {
    return this.redirect(url, status);
  }

  @Options('own-options')
  @Header('Allow', resource.ownAllow)
  ownOptions() {
    return 'own';
  }

  @Get('own-cors')
  @ResourceHeaders()
  @Header('Access-Control-Allow-Origin', resource.legacyOrigin)
  ownCors(@Res({ passthrough: true }) res: Response) {
    return answer(res);
  }
}
