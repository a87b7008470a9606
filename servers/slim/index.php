<?php

declare(strict_types=1);

require 'Slim/autoload.php';
require __DIR__ . '/cors.php';

use Psr\Http\Message\ResponseInterface as Response;
use Psr\Http\Message\ServerRequestInterface as Request;
use Slim\App;

const OF_THE_RESOURCE = ['X-Request-Id' => 'r-1', 'X-Secret' => 's-1', 'Vary' => 'Accept-Language'];

function with_headers(Response $response, array $headers): Response
{
    foreach ($headers as $name => $value) {
        $response = $response->withHeader($name, $value);
    }
    return $response;
}

function resource(Response $response, array $more = []): Response
{
    return with_headers($response, [...OF_THE_RESOURCE, ...$more])->withJson(['resource' => 'ok']);
}

/** A script lives for one request, so the count lives in a file. */
function count_hits(int $more): int
{
    $file = fopen(getenv('FOLDER') . '/hits', 'r+');
    flock($file, LOCK_EX);
    $hits = (int) stream_get_contents($file) + $more;
    rewind($file);
    fwrite($file, (string) $hits);
    fclose($file);
    return $hits;
}

$app = new App();

$app->map(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'], '/resource', function (Request $request, Response $response) {
    count_hits(1);
    return resource($response);
});

$app->get('/cacheable', fn ($request, $response) => resource($response, ['Cache-Control' => 'public, max-age=600']));

// A status of 1xx is no final answer, so a handler cannot give it; and some have no body.
$app->map(['GET', 'POST'], '/status/{code:[2-5][0-9][0-9]}', function (Request $request, Response $response, array $path) {
    $code = (int) $path['code'];
    return in_array($code, [204, 205, 304], true)
        ? $response->withStatus($code)
        : $response->withJson(['status' => $code], $code);
});

$app->map(['GET', 'POST'], '/error', function () {
    throw new RuntimeException('the handler fails');
});

$app->get('/protected', fn ($request, $response) => resource($response))
    ->add(function (Request $request, Response $response, callable $next) {
        return $request->getHeaderLine('Authorization') === 'Bearer letmein'
            ? $next($request, $response)
            : $response->withStatus(401)->withHeader('WWW-Authenticate', 'Bearer');
    });

$app->get('/session', function (Request $request, Response $response) {
    return $response->withJson(['cookie' => $request->hasHeader('Cookie') ? $request->getHeaderLine('Cookie') : null]);
});

$app->map(['GET', 'POST', 'PUT'], '/redirect', function (Request $request, Response $response) {
    return $response->withHeader('Location', $request->getQueryParam('to'))
        ->withStatus((int) $request->getQueryParam('status'));
});

$app->options('/own-options', fn ($request, $response) => $response->withHeader('Allow', 'GET, OPTIONS')->write('own'));

$app->get('/own-cors', function (Request $request, Response $response) {
    return resource($response, ['Access-Control-Allow-Origin' => 'https://legacy.example']);
});

$app->get('/hits', fn ($request, $response) => $response->withJson(['hits' => count_hits(0)]));

// As the documentation has it: a route for every preflight, the middleware, and the 404 last.
$app->options('/{routes:.+}', fn ($request, $response) => $response);

$policy = json_decode(file_get_contents(getenv('FOLDER') . '/policy.json'), true);
$app->add(fn ($request, $response, $next) => with_headers($next($request, $response), cors_headers($policy)));

$app->map(['GET', 'POST', 'PUT', 'DELETE', 'PATCH'], '/{routes:.+}', function (Request $request, Response $response) {
    return ($this->notFoundHandler)($request, $response);
});

$app->run();
