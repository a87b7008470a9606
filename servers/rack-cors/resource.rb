# frozen_string_literal: true

require 'json'
require 'sinatra/base'

# The resource, without CORS.
class Resource < Sinatra::Base
  set :environment, :production
  disable :logging, :show_exceptions, :raise_errors, :dump_errors
  # Sinatra's own guard refuses requests by their Origin, which is another thing than CORS.
  disable :protection

  OF_THE_RESOURCE = { 'X-Request-Id' => 'r-1', 'X-Secret' => 's-1', 'Vary' => 'Accept-Language' }.freeze

  # How often the handler of /resource has run.
  class Hits
    attr_reader :count

    def initialize
      @count = 0
      @counting = Mutex.new
    end

    def add
      @counting.synchronize { @count += 1 }
    end
  end

  # One that counts for itself.
  def self.counting
    Class.new(self) { set :hits, Hits.new }
  end

  # The same handler for several methods.
  def self.any_of(*verbs, path, &handler)
    verbs.each { |verb| public_send(verb, path, &handler) }
  end

  before '/protected' do
    next if env['HTTP_AUTHORIZATION'] == 'Bearer letmein'

    halt 401, { 'WWW-Authenticate' => 'Bearer' }, 'no token'
  end

  any_of :get, :head, :post, :put, :patch, :delete, '/resource' do
    settings.hits.add
    resource
  end

  get('/cacheable') { resource('Cache-Control' => 'public, max-age=600') }

  any_of :get, :post, '/status/:code' do |code|
    pass unless code.match?(/\A[2-5]\d\d\z/)
    [204, 205, 304].include?(code.to_i) ? status(code.to_i) : answer(code.to_i, status: code.to_i)
  end

  any_of(:get, :post, '/error') { raise 'the handler fails' }

  get('/protected') { resource }

  get('/session') { answer(200, cookie: env['HTTP_COOKIE']) }

  any_of :get, :post, :put, '/redirect' do
    [params[:status].to_i, { 'Location' => params[:to] }, '']
  end

  options('/own-options') { [200, { 'Allow' => 'GET, OPTIONS' }, 'own'] }

  get('/own-cors') { resource('Access-Control-Allow-Origin' => 'https://legacy.example') }

  get('/hits') { answer(200, hits: settings.hits.count) }

  private

  def resource(more = {})
    answer(200, { resource: 'ok' }, OF_THE_RESOURCE.merge(more))
  end

  def answer(code, value, headers = {})
    [code, { 'Content-Type' => 'application/json', **headers }, JSON.generate(value)]
  end
end
