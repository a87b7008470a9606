// Package support is what the servers in Go have in common: it speaks the server protocol.
package support

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
)

const protocol = 1

// Serve starts a server that enforces a policy; nil stands for the middleware switched on without any option.
// Its error is an [Unsupported], a [Refused], or what broke.
type Serve func(policy *Policy) (*Instance, error)

// Run speaks the server protocol over stdin and stdout until stdin ends. What else is written to [os.Stdout] goes to stderr.
func Run(subject Subject, serve Serve) {
	out := os.Stdout
	os.Stdout = os.Stderr
	if isChild() {
		runChild(serve, os.Stdin, out)
		return
	}
	session := &session{hello: subject.hello(), serve: serve, out: json.NewEncoder(out), slots: map[uint64]*slot{}}
	session.read(os.Stdin)
}

type session struct {
	hello hello
	serve Serve

	mutex sync.Mutex
	out   *json.Encoder
	slots map[uint64]*slot
}

// slot is a policy that the harness has asked for.
type slot struct {
	drop     chan struct{}
	dropping bool
}

type fields map[string]any

func (s *session) read(in io.Reader) {
	lines := bufio.NewReader(in)
	for {
		line, err := lines.ReadBytes('\n')
		if len(bytes.TrimSpace(line)) > 0 {
			s.handle(line)
		}
		if err != nil {
			return
		}
	}
}

// body is that of every message; hello has nothing in it that matters here.
type body struct {
	Seq    *uint64         `json:"seq"`
	Policy json.RawMessage `json:"policy"`
}

func (s *session) handle(line []byte) {
	var message map[string]json.RawMessage
	if err := json.Unmarshal(line, &message); err != nil || len(message) != 1 {
		s.unreadable(line, message)
		return
	}
	for kind, text := range message {
		body := bodyOf(text)
		switch {
		case kind == "hello":
			s.say("hello", s.hello)
		case kind == "serve" && body.Seq != nil:
			s.begin(*body.Seq, body.Policy)
		case kind == "drop" && body.Seq != nil:
			s.drop(*body.Seq)
		default:
			s.unreadable(line, message)
		}
	}
}

func bodyOf(text json.RawMessage) body {
	var read body
	if json.Unmarshal(text, &read) != nil {
		return body{}
	}
	return read
}

// unreadable answers a line that is no message where it says which seq it is about.
func (s *session) unreadable(line []byte, message map[string]json.RawMessage) {
	const problem = "this is no message of the server protocol"
	for _, text := range message {
		if body := bodyOf(text); body.Seq != nil {
			s.say("failed", fields{"seq": *body.Seq, "message": problem})
			return
		}
	}
	fmt.Fprintf(os.Stderr, "%s: %.200q\n", problem, line)
}

func (s *session) begin(seq uint64, policy json.RawMessage) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.slots[seq] != nil {
		s.sayLocked("failed", fields{"seq": seq, "message": "this seq is in use"})
		return
	}
	slot := &slot{drop: make(chan struct{})}
	s.slots[seq] = slot
	go s.live(seq, slot, policy)
}

// live is the life of one policy, from its set-up to its end.
func (s *session) live(seq uint64, slot *slot, policy json.RawMessage) {
	instance, err := setUp(s.serve, policy)
	s.mutex.Lock()
	kind, answer := answerTo(instance, err)
	answer["seq"] = seq
	s.sayLocked(kind, answer)
	over := instance == nil && !slot.dropping
	if over {
		delete(s.slots, seq)
	}
	s.mutex.Unlock()
	if over {
		return
	}

	<-slot.drop
	if instance != nil {
		instance.Stop()
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	delete(s.slots, seq)
	s.sayLocked("dropped", fields{"seq": seq})
}

// setUp turns a panic of the middleware or of its mapping into an error.
func setUp(serve Serve, text json.RawMessage) (instance *Instance, err error) {
	defer func() {
		if panicked := recover(); panicked != nil {
			err = fmt.Errorf("a panic: %v", panicked)
		}
	}()
	if len(text) == 0 {
		return nil, errors.New("serve lacks the policy")
	}
	var policy *Policy
	if err := json.Unmarshal(text, &policy); err != nil {
		return nil, err
	}
	return serve(policy)
}

func answerTo(instance *Instance, err error) (string, fields) {
	var unsupported *Unsupported
	var refused *Refused
	switch {
	case errors.As(err, &unsupported):
		answer := fields{"reason": unsupported.Reason}
		if unsupported.Issue != "" {
			answer["issue"] = unsupported.Issue
		}
		return "unsupported", answer
	case errors.As(err, &refused):
		return "refused", fields{"reason": refused.Reason}
	case err != nil:
		return "failed", fields{"message": err.Error()}
	default:
		return "ready", fields{"url": instance.URL}
	}
}

func (s *session) drop(seq uint64) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	slot := s.slots[seq]
	switch {
	case slot == nil:
		s.sayLocked("failed", fields{"seq": seq, "message": "nothing is served under this seq"})
	case slot.dropping:
		s.sayLocked("failed", fields{"seq": seq, "message": "this seq is being dropped already"})
	default:
		slot.dropping = true
		close(slot.drop)
	}
}

func (s *session) say(kind string, body any) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.sayLocked(kind, body)
}

func (s *session) sayLocked(kind string, body any) { s.out.Encode(fields{kind: body}) }
