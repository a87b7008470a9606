<?php

declare(strict_types=1);

/**
 * The policy, said as https://www.slimframework.com/docs/v3/cookbook/enable-cors.html shows. Several origins are written
 * as it has them, `<domain>, ...`; without a policy the headers are its own.
 *
 * @return array<string, string>
 */
function cors_headers(?array $policy): array
{
    if ($policy === null) {
        return [
            'Access-Control-Allow-Origin' => 'http://mysite',
            'Access-Control-Allow-Headers' => 'X-Requested-With, Content-Type, Accept, Origin, Authorization',
            'Access-Control-Allow-Methods' => 'GET, POST, PUT, DELETE, PATCH, OPTIONS',
        ];
    }
    $headers = [
        'Access-Control-Allow-Origin' => implode(', ', $policy['origins']),
        'Access-Control-Allow-Headers' => implode(', ', $policy['headers']),
        'Access-Control-Allow-Methods' => implode(', ', $policy['methods']),
        'Access-Control-Expose-Headers' => implode(', ', $policy['expose']),
        'Access-Control-Allow-Credentials' => $policy['credentials'] ? 'true' : '',
        'Access-Control-Max-Age' => (string) $policy['max_age'],
    ];
    return array_filter($headers, static fn (string $value): bool => $value !== '');
}
