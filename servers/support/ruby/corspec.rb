# frozen_string_literal: true

require 'json'

# The server protocol: JSON Lines on stdin and stdout.
module Corspec
  # The middleware has no documented way to say the policy.
  class Unsupported < StandardError; end

  # The middleware itself rejects the policy.
  class Refused < StandardError; end

  FIELDS = %w[origins methods headers expose credentials max_age].freeze
  LISTS = FIELDS.first(4).freeze
  PATTERN = %r{\A([a-z][a-z0-9+.-]*)://\*\.(.+)\z}.freeze

  Policy = Struct.new(*FIELDS.map(&:to_sym), keyword_init: true) do
    def self.parse(given)
      return nil if given.nil?
      raise ArgumentError, 'the policy is neither an object nor null' unless given.is_a?(Hash)

      unknown = given.keys - FIELDS
      raise Unsupported, "unknown to this server: #{unknown.join(', ')}" if unknown.any?

      missing = FIELDS - given.keys
      raise ArgumentError, "the policy lacks #{missing.join(', ')}" if missing.any?

      lists = given.values_at(*LISTS)
      strings = lists.all? { |list| list.is_a?(Array) && list.all?(String) }
      raise ArgumentError, 'what should be a list of strings is none' unless strings

      new(**given.transform_keys(&:to_sym))
    end

    def any_origin?
      origins == ['*']
    end

    def any_method?
      methods == ['*']
    end

    def any_header?
      headers == ['*']
    end

    def exposes_any?
      expose == ['*']
    end
  end

  # `server` answers `hello` with a hash, and `serve(policy)` with what answers `url` and `stop`.
  def self.run(server)
    out = $stdout.dup
    # What a library prints is no line of the protocol.
    $stdout.reopen($stderr)
    running = {}
    $stdin.each_line do |line|
      answer = answer_to(line, server, running)
      next unless answer

      out.puts(JSON.generate(answer))
      out.flush
    end
    running.each_value(&:stop)
  end

  def self.answer_to(line, server, running)
    kind, content = JSON.parse(line).first
    return { hello: { protocol: 1, **server.hello } } if kind == 'hello'

    seq = content.fetch('seq')
    raise ArgumentError, 'seq is no number' unless seq.is_a?(Integer)

    case kind
    when 'serve' then serve(seq, content.fetch('policy'), server, running)
    when 'drop' then drop(seq, running)
    else failed(seq, "unknown message #{kind}")
    end
  rescue StandardError => e
    warn "#{e.class}: #{e.message}"
    seq.is_a?(Integer) ? failed(seq, e.message) : nil
  end

  def self.serve(seq, policy, server, running)
    running[seq] = server.serve(Policy.parse(policy))
    { ready: { seq: seq, url: running[seq].url } }
  rescue Unsupported => e
    { unsupported: { seq: seq, reason: e.message } }
  rescue Refused => e
    { refused: { seq: seq, reason: e.message } }
  rescue StandardError => e
    failed(seq, "#{e.class}: #{e.message}")
  end

  def self.drop(seq, running)
    listener = running.delete(seq)
    return failed(seq, 'no policy has that seq') unless listener

    listener.stop
    { dropped: { seq: seq } }
  end

  def self.failed(seq, message)
    { failed: { seq: seq, message: message } }
  end

  private_class_method :answer_to, :serve, :drop, :failed
end
