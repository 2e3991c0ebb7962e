// The pages of the shop: it shows what orders there are.
const http = require('http');

const orders = process.env.ORDERS_URL || 'http://orders:8080';
const port = process.env.PORT || 3000;

http.createServer(async (request, response) => {
  if (request.url === '/healthz') {
    response.end('ok\n');
    return;
  }
  try {
    const answer = await fetch(`${orders}/orders`);
    response.end(await answer.text());
  } catch (error) {
    response.statusCode = 502;
    response.end('no orders\n');
  }
}).listen(port);
