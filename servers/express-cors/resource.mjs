import express from 'express';

import * as handlers from '../support/javascript/express-style.mjs';
import { fail } from '../support/javascript/resource.mjs';

/** The resource behind a CORS middleware. */
export function application(cors) {
  let hits = 0;

  function counted(req, res) {
    hits += 1;
    handlers.answer(req, res);
  }

  function redirect(req, res) {
    res.redirect(Number(req.query.status), req.query.to);
  }

  const app = express();
  app.use(cors);
  app.route('/resource').get(counted).post(counted).put(counted).patch(counted).delete(counted);
  app.get('/cacheable', handlers.cacheable);
  app.route('/status/:code').get(handlers.status).post(handlers.status);
  app.route('/error').get(fail).post(fail);
  app.get('/protected', handlers.requireToken, handlers.answer);
  app.get('/session', handlers.session);
  app.route('/redirect').get(redirect).post(redirect).put(redirect);
  app.options('/own-options', handlers.ownOptions);
  app.get('/own-cors', handlers.ownCors);
  app.get('/hits', (req, res) => res.json({ hits }));
  return app;
}
