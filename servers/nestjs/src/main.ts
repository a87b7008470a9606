import 'reflect-metadata';

import { NestFactory } from '@nestjs/core';

import { orRefused } from '../../support/javascript/answers.mjs';
import { corsOptions } from '../../support/javascript/cors-package.mjs';
import { listening } from '../../support/javascript/listener.mjs';
import { run } from '../../support/javascript/protocol.mjs';
import { installed, node } from '../../support/javascript/versions.mjs';
import { AppModule } from './app.module.js';

run({
  hello: {
    name: 'nestjs',
    language: 'typescript',
    framework: installed('@nestjs/core'),
    middleware: `${installed('@nestjs/platform-express')}, ${installed('cors')}`,
    runtime: node,
    homepage: 'https://docs.nestjs.com/security/cors',
    issues: 'https://github.com/nestjs/nest/issues',
    lacks: [],
  },
  async serve(policy) {
    // The resource looks into no body, and node drops what nobody reads.
    const app = await NestFactory.create(AppModule, { logger: false, bodyParser: false });
    const options = policy === null ? [] : [corsOptions(policy)];
    await orRefused(() => app.enableCors(...options));
    await app.listen(0, '127.0.0.1');
    return listening(app.getHttpServer());
  },
});
