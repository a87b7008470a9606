const express = require('express');
const app = express();
{hint}
app.get('/items', (request, response) => response.set('X-Request-Id', '1').json({}));
app.put('/items', (request, response) => response.set('X-Request-Id', '1').json({}));
app.use(require('cors')({ // mistake
  origin: ['https://app.example', 'https://admin.example'], // mistake
  methods: ['GET', 'PUT'], allowedHeaders: ['X-Token', 'Authorization'], exposedHeaders: ['X-Request-Id'], // mistake
  credentials: true, maxAge: 600, // mistake
})); // mistake
app.listen(process.env.PORT, '127.0.0.1');
