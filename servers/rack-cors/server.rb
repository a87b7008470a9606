# frozen_string_literal: true

require_relative '../support/ruby/corspec'
require_relative 'resource'
require 'puma'
require 'puma/server'
require 'rack/cors'
require 'rack/cors/version'

# The policy, said as https://github.com/cyu/rack-cors#configuration shows.
module Cors
  # What the README switches on first.
  QUICK_START = proc do
    allow do
      origins '*'
      resource '*', headers: :any, methods: %i[get post options]
    end
  end

  def self.block(policy)
    return QUICK_START if policy.nil?
    raise Corspec::Unsupported, 'expose takes names alone' if policy.exposes_any?

    permitted = policy.origins.map { |origin| origin(origin) }
    options = options(policy)
    proc do
      allow do
        origins(*permitted)
        resource '*', **options
      end
    end
  end

  def self.options(policy)
    options = {
      methods: policy.any_method? ? :any : policy.methods.map { |name| name.downcase.to_sym },
      headers: policy.any_header? ? :any : policy.headers,
      expose: policy.expose,
      credentials: policy.credentials
    }
    policy.max_age ? options.merge(max_age: policy.max_age) : options
  end

  # A subdomain pattern as a regular expression, anchored as the README advises.
  def self.origin(origin)
    pattern = Corspec::PATTERN.match(origin)
    return origin unless pattern

    /\A#{pattern[1]}:\/\/([a-z0-9-]+\.)+#{Regexp.escape(pattern[2])}\z/
  end
end

# One policy: a Puma of its own, on a port of its own.
class Listener
  attr_reader :url

  def initialize(app)
    @puma = Puma::Server.new(app, Puma::Events.null, min_threads: 0, max_threads: 8)
    port = @puma.add_tcp_listener('127.0.0.1', 0).addr[1]
    @url = "http://127.0.0.1:#{port}"
    @puma.run
  end

  def stop
    @puma.stop(true)
  end
end

# rack-cors in front of a Sinatra application.
class RackCors
  def hello
    {
      name: 'rack-cors',
      language: 'ruby',
      framework: "sinatra #{Sinatra::VERSION}",
      middleware: "rack-cors #{Rack::Cors::VERSION} (Debian's)",
      runtime: "ruby #{RUBY_VERSION}, puma #{Puma::Const::VERSION}",
      homepage: 'https://github.com/cyu/rack-cors',
      issues: 'https://github.com/cyu/rack-cors/issues'
    }
  end

  def serve(policy)
    block = Cors.block(policy)
    app = Rack::Builder.new do
      use(Rack::Cors, &block)
      run Resource.counting
    end.to_app
    Listener.new(app)
  rescue Rack::Cors::Resource::CorsMisconfigurationError => e
    raise Corspec::Refused, e.message
  end
end

Corspec.run(RackCors.new)
