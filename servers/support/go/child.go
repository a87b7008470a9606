package support

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
)

// childVariable marks the process that serves a single policy.
const childVariable = "CORSPEC_CHILD"

func isChild() bool { return os.Getenv(childVariable) != "" }

// InChildren serves each policy in a process of its own, for middlewares whose configuration belongs to the process.
func InChildren(serve Serve) Serve {
	return func(policy *Policy) (*Instance, error) {
		if isChild() {
			return serve(policy)
		}
		return spawn(policy)
	}
}

// spawn starts this program once more. The child ends when its stdin does, so none is left behind however the parent ends.
func spawn(policy *Policy) (*Instance, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	child := exec.Command(program)
	child.Env = append(os.Environ(), childVariable+"=1")
	child.Stderr = os.Stderr
	stdin, err := child.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := child.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := child.Start(); err != nil {
		return nil, err
	}
	stop := func() {
		stdin.Close()
		child.Process.Kill()
		child.Wait()
	}
	instance, err := ask(policy, stdin, stdout)
	if err != nil {
		stop()
		return nil, err
	}
	instance.Stop = stop
	return instance, nil
}

// childAnswer is what a child says of its policy, in one line.
type childAnswer struct {
	URL         string
	Unsupported *Unsupported
	Refused     *Refused
	Failed      string
}

func ask(policy *Policy, stdin io.Writer, stdout io.Reader) (*Instance, error) {
	if err := json.NewEncoder(stdin).Encode(policy); err != nil {
		return nil, fmt.Errorf("the child does not listen: %w", err)
	}
	var answer childAnswer
	if err := json.NewDecoder(stdout).Decode(&answer); err != nil {
		return nil, fmt.Errorf("the child gave no answer: %w", err)
	}
	switch {
	case answer.Unsupported != nil:
		return nil, answer.Unsupported
	case answer.Refused != nil:
		return nil, answer.Refused
	case answer.Failed != "":
		return nil, errors.New(answer.Failed)
	}
	return &Instance{URL: answer.URL}, nil
}

func runChild(serve Serve, in io.Reader, out io.Writer) {
	lines := bufio.NewReader(in)
	line, err := lines.ReadBytes('\n')
	if err != nil {
		return
	}
	var answer childAnswer
	instance, err := setUp(serve, line)
	switch {
	case errors.As(err, &answer.Unsupported), errors.As(err, &answer.Refused):
	case err != nil:
		answer.Failed = err.Error()
	default:
		answer.URL = instance.URL
	}
	json.NewEncoder(out).Encode(answer)
	io.Copy(io.Discard, lines)
}
