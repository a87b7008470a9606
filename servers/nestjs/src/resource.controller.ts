import { Controller, Delete, Get, HttpCode, Patch, Post, Put, Res } from '@nestjs/common';
import type { Response } from 'express';

import { answer, ResourceHeaders } from './answer.js';

/** `/resource`, and how often it ran. */
@Controller()
export class ResourceController {
  private hits = 0;

  @Get('resource')
  @ResourceHeaders()
  read(@Res({ passthrough: true }) res: Response) {
    return this.counted(res);
  }

  @Post('resource')
  @HttpCode(200)
  @ResourceHeaders()
  create(@Res({ passthrough: true }) res: Response) {
    return this.counted(res);
  }

  @Put('resource')
  @ResourceHeaders()
  replace(@Res({ passthrough: true }) res: Response) {
    return this.counted(res);
  }

  @Patch('resource')
  @ResourceHeaders()
  change(@Res({ passthrough: true }) res: Response) {
    return this.counted(res);
  }

  @Delete('resource')
  @ResourceHeaders()
  remove(@Res({ passthrough: true }) res: Response) {
    return this.counted(res);
  }

  @Get('hits')
  count() {
    return { hits: this.hits };
  }

  private counted(res: Response) {
    this.hits += 1;
    return answer(res);
  }
}
