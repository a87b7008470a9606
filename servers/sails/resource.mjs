import * as handlers from '../support/javascript/express-style.mjs';
import { fail, methods } from '../support/javascript/resource.mjs';

/** The routes of the resource. */
export function routes() {
  let hits = 0;

  function counted(req, res) {
    hits += 1;
    handlers.answer(req, res);
  }

  function redirect(req, res) {
    res.redirect(Number(req.query.status), req.query.to);
  }

  return {
    ...Object.fromEntries(methods.map((method) => [`${method} /resource`, counted])),
    'GET /cacheable': handlers.cacheable,
    'GET /status/:code': handlers.status,
    'POST /status/:code': handlers.status,
    'GET /error': fail,
    'POST /error': fail,
    'GET /protected': [handlers.requireToken, handlers.answer],
    'GET /session': handlers.session,
    'GET /redirect': redirect,
    'POST /redirect': redirect,
    'PUT /redirect': redirect,
    'GET /own-cors': handlers.ownCors,
    'GET /hits': (req, res) => res.json({ hits }),
  };
}
