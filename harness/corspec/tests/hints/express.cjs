const express = require('express');
const app = express();
{hint}
app.all('/items', (request, response) => response.set('X-Request-Id', '1').json({}));
app.listen(process.env.PORT, '127.0.0.1');
