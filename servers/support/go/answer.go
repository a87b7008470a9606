package support

import "fmt"

// Unsupported is the error of a [Serve] whose middleware has no way to say the policy.
type Unsupported struct {
	Reason string
	// Issue is where that is known, if anywhere.
	Issue string
}

func (u *Unsupported) Error() string { return u.Reason }

// Refused is the error of a [Serve] whose middleware itself rejects the policy, in its own words.
type Refused struct{ Reason string }

func (r *Refused) Error() string { return r.Reason }

// Refusing calls a constructor that rejects by a panic.
func Refusing[T any](construct func() T) (made T, err error) {
	defer func() {
		if panicked := recover(); panicked != nil {
			err = &Refused{Reason: fmt.Sprint(panicked)}
		}
	}()
	return construct(), nil
}
