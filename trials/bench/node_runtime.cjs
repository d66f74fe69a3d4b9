/**
 * The loop that Lambda's Node runtime runs: ask the Runtime API for the next event, call the
 * handler, post its answer. https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
 *
 * AWS's own, npm's aws-lambda-ric, compiles libcurl when it is installed, for which it needs
 * autoconf, libtool, cmake and two minutes. It answers as fast, and starts some 10 ms later.
 */

const http = require('node:http');
const path = require('node:path');

const API = `http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime`;
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

function exchange(method, url, body) {
  return new Promise((resolve, reject) => {
    const request = http.request(`${API}${url}`, { method, agent }, (response) => {
      const parts = [];
      response.on('data', (part) => parts.push(part));
      response.on('end', () =>
        resolve({ headers: response.headers, body: Buffer.concat(parts).toString() }),
      );
      response.on('error', reject);
    });
    request.on('error', reject);
    request.end(body);
  });
}

function problem(error) {
  return JSON.stringify({
    errorType: error?.name ?? 'Error',
    errorMessage: error?.message ?? String(error),
    stackTrace: error?.stack?.split('\n') ?? [],
  });
}

function load() {
  const [file, name] = process.env._HANDLER.split('.');
  return require(path.join(process.env.LAMBDA_TASK_ROOT, `${file}.cjs`))[name];
}

async function answer(handler) {
  const { headers, body } = await exchange('GET', '/invocation/next');
  const id = headers['lambda-runtime-aws-request-id'];
  try {
    const result = await handler(JSON.parse(body), { awsRequestId: id });
    await exchange('POST', `/invocation/${id}/response`, JSON.stringify(result));
  } catch (error) {
    console.error(error);
    await exchange('POST', `/invocation/${id}/error`, problem(error));
  }
}

async function main() {
  let handler;
  try {
    handler = load();
  } catch (error) {
    console.error(error);
    await exchange('POST', '/init/error', problem(error));
    process.exit(1);
  }
  for (;;) {
    await answer(handler);
  }
}

main();
