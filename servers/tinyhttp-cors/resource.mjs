import { App } from '@tinyhttp/app';

import * as handlers from '../support/javascript/express-style.mjs';
import * as resource from '../support/javascript/resource.mjs';

/** The resource behind a CORS middleware. */
export function application(cors) {
  let hits = 0;
  const app = new App();
  app.use(cors);

  const on = (methods, path, handler) => methods.forEach((method) => app[method.toLowerCase()](path, handler));
  on([...resource.methods, 'HEAD'], '/resource', (req, res) => {
    hits += 1;
    handlers.answer(req, res);
  });
  app.get('/cacheable', handlers.cacheable);
  on(['GET', 'POST'], '/status/:code', handlers.status);
  on(['GET', 'POST'], '/error', resource.fail);
  app.get('/protected', handlers.requireToken, handlers.answer);
  app.get('/session', handlers.session);
  on(['GET', 'POST', 'PUT'], '/redirect', (req, res) => res.redirect(req.query.to, Number(req.query.status)));
  app.options('/own-options', handlers.ownOptions);
  app.get('/own-cors', handlers.ownCors);
  app.get('/hits', (req, res) => res.json({ hits }));
  return app;
}
