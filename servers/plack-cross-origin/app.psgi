use strict;
use warnings;

use JSON::PP;
use Plack::Builder;
use Plack::Request;

my $json = JSON::PP->new->canonical;
my $hits = 0;
my @OF_THE_RESOURCE = ('X-Request-Id' => 'r-1', 'X-Secret' => 's-1', 'Vary' => 'Accept-Language');

sub answer {
    my ($status, $value, @headers) = @_;
    return [$status, ['Content-Type' => 'application/json', @headers], [$json->encode($value)]];
}

sub resource {
    return answer(200, { resource => 'ok' }, @OF_THE_RESOURCE, @_);
}

# Runs the handler for the methods that it knows.
sub on {
    my ($methods, $handler) = @_;
    return sub {
        my $request = Plack::Request->new(shift);
        return [404, ['Content-Type' => 'text/plain'], ['not found']] if length $request->path_info;
        return $handler->($request) if grep { $_ eq $request->method } @$methods;
        return [405, ['Content-Type' => 'text/plain', 'Allow' => join(', ', @$methods)], ['method not allowed']];
    };
}

# A status of 1xx is no final answer, so a handler cannot give it; and some have no body.
sub with_status {
    my $request = Plack::Request->new(shift);
    my ($status) = $request->path_info =~ m{\A/([2-5][0-9][0-9])\z};
    return [404, ['Content-Type' => 'text/plain'], ['not found']] unless $status;
    return [$status, [], []] if grep { $_ == $status } 204, 205, 304;
    return answer($status, { status => 0 + $status });
}

sub require_token {
    my $app = shift;
    return sub {
        my $env = shift;
        return $app->($env) if ($env->{HTTP_AUTHORIZATION} // '') eq 'Bearer letmein';
        return [401, ['Content-Type' => 'text/plain', 'WWW-Authenticate' => 'Bearer'], ['no token']];
    };
}

# The policy, said as https://metacpan.org/pod/Plack::Middleware::CrossOrigin#CONFIGURATION shows. Without one it is the
# first line of the synopsis.
sub options {
    open my $file, '<', $ENV{POLICY} or die "$ENV{POLICY}: $!";
    my $policy = JSON::PP->new->allow_nonref->decode(do { local $/; <$file> });
    return (origins => '*') unless $policy;
    return (
        origins => $policy->{origins},
        methods => $policy->{methods},
        headers => $policy->{headers},
        expose_headers => $policy->{expose},
        credentials => $policy->{credentials} ? 1 : 0,
        defined $policy->{max_age} ? (max_age => $policy->{max_age}) : (),
    );
}

my $read = ['GET', 'HEAD'];
my $post = [@$read, 'POST'];

builder {
    enable 'CrossOrigin', options();
    mount '/resource' => on([@$post, 'PUT', 'PATCH', 'DELETE'], sub { $hits++; resource() });
    mount '/cacheable' => on($read, sub { resource('Cache-Control' => 'public, max-age=600') });
    mount '/status' => \&with_status;
    mount '/error' => on($post, sub { die "the handler fails\n" });
    mount '/protected' => builder { enable \&require_token; on($read, sub { resource() }) };
    mount '/session' => on($read, sub { answer(200, { cookie => $_[0]->header('Cookie') }) });
    mount '/redirect' => on([@$post, 'PUT'], sub {
        my $asked = $_[0]->query_parameters;
        return [$asked->{status}, ['Location' => $asked->{to}], []];
    });
    mount '/own-options' => on(['OPTIONS'], sub {
        return [200, ['Content-Type' => 'text/plain', 'Allow' => 'GET, OPTIONS'], ['own']];
    });
    mount '/own-cors' => on($read, sub { resource('Access-Control-Allow-Origin' => 'https://legacy.example') });
    mount '/hits' => on($read, sub { answer(200, { hits => $hits }) });
};
