import { ExceptionHandler } from '@adonisjs/core/http';

/** As a new project has it, in production. */
export default class HttpExceptionHandler extends ExceptionHandler {
  debug = false;
}
