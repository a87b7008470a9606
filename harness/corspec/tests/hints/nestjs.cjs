require('reflect-metadata');
const { Controller, Get, Put, Header, Module } = require('@nestjs/common');
const { NestFactory } = require('@nestjs/core');

// What decorators in TypeScript come to.
class Items {
  read() { return {}; }
  write() { return {}; }
}
Controller('items')(Items);
for (const [name, method] of [['read', Get], ['write', Put]]) {
  const handler = Object.getOwnPropertyDescriptor(Items.prototype, name);
  method()(Items.prototype, name, handler);
  Header('X-Request-Id', '1')(Items.prototype, name, handler);
}
class App {}
Module({ controllers: [Items] })(App);

(async () => {
const app = await NestFactory.create(App, { logger: false });
{hint}
await app.listen(process.env.PORT, '127.0.0.1');
})();
