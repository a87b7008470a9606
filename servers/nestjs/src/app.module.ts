import { Module } from '@nestjs/common';

import { AnswersController } from './answers.controller.js';
import { ResourceController } from './resource.controller.js';

@Module({ controllers: [ResourceController, AnswersController] })
export class AppModule {}
