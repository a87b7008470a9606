package support

// Limits is what a middleware has no documented way to say. What is left empty it can say.
type Limits struct {
	// Default is why it cannot be switched on without any option.
	Default string
	// Patterns is why it cannot say subdomains, and Null why it cannot say the opaque origin.
	Patterns, Null string
	// Methods, Headers and Expose tell what "*" means in its lists.
	Methods, Headers, Expose Star
}

// Star is what the "*" in a list means to a middleware; the zero value is any name.
type Star struct {
	unsupported string
	isLiteral   bool
}

// NamesOnly is the star of an option which is documented to list names.
func NamesOnly(option string) Star {
	return Star{unsupported: option + " is a list of names, and has no wildcard"}
}

// NoOption is the star of what a middleware has no option for.
func NoOption(what string) Star { return Star{unsupported: "there is no option for " + what} }

// Literal is the star of an option which is documented to be the value of a header.
var Literal = Star{unsupported: "\"*\" is the value of a header, which means nothing with credentials", isLiteral: true}

// Check returns an [Unsupported] where a policy is beyond the limits.
func (l Limits) Check(policy *Policy) error {
	if policy == nil {
		return because(l.Default)
	}
	limits := []struct {
		reason string
		is     bool
	}{
		{l.Patterns, policy.HasPattern()},
		{l.Null, policy.HasNull()},
		{l.Methods.unsupported, policy.AnyMethod() && l.Methods.fails(policy)},
		{l.Headers.unsupported, policy.AnyHeader() && l.Headers.fails(policy)},
		{l.Expose.unsupported, policy.ExposesAny() && l.Expose.fails(policy)},
	}
	for _, limit := range limits {
		if limit.is && limit.reason != "" {
			return because(limit.reason)
		}
	}
	return nil
}

func (s Star) fails(policy *Policy) bool { return !s.isLiteral || policy.Credentials }

func because(reason string) error {
	if reason == "" {
		return nil
	}
	return &Unsupported{Reason: reason}
}
