package support

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// Policy is what the owner of a server wants to permit, in words that belong to no middleware.
type Policy struct {
	Origins     []string `json:"origins"`
	Methods     []string `json:"methods"`
	Headers     []string `json:"headers"`
	Expose      []string `json:"expose"`
	Credentials bool     `json:"credentials"`
	MaxAge      *uint32  `json:"max_age"`
}

// AnyOrigin tells whether every origin is permitted.
func (p *Policy) AnyOrigin() bool { return isWildcard(p.Origins) }

// AnyMethod tells whether a preflight may be granted every method.
func (p *Policy) AnyMethod() bool { return isWildcard(p.Methods) }

// AnyHeader tells whether a preflight may be granted every request header.
func (p *Policy) AnyHeader() bool { return isWildcard(p.Headers) }

// ExposesAny tells whether scripts may read every response header.
func (p *Policy) ExposesAny() bool { return isWildcard(p.Expose) }

// HasPattern tells whether an origin is a subdomain pattern.
func (p *Policy) HasPattern() bool {
	return slices.ContainsFunc(p.Origins, func(origin string) bool { return strings.Contains(origin, "://*.") })
}

// HasNull tells whether the opaque origin is listed.
func (p *Policy) HasNull() bool { return slices.Contains(p.Origins, "null") }

// MaxAgeOrMinus returns the seconds as middlewares want them for which 0 means "unset" and -1 means 0.
func (p *Policy) MaxAgeOrMinus() int {
	switch {
	case p.MaxAge == nil:
		return 0
	case *p.MaxAge == 0:
		return -1
	default:
		return int(*p.MaxAge)
	}
}

// MaxAgeOrZero returns the seconds as middlewares want them that have no word for 0.
func (p *Policy) MaxAgeOrZero() int {
	if p.MaxAge == nil {
		return 0
	}
	return int(*p.MaxAge)
}

// MaxAgeText returns the seconds as the header has them.
func (p *Policy) MaxAgeText() string { return strconv.Itoa(p.MaxAgeOrZero()) }

func isWildcard(entries []string) bool { return slices.Equal(entries, []string{"*"}) }

// UnmarshalJSON wants every field, and no others.
func (p *Policy) UnmarshalJSON(text []byte) error {
	var given map[string]json.RawMessage
	if err := json.Unmarshal(text, &given); err != nil {
		return err
	}
	type plain Policy
	fields := reflect.ValueOf((*plain)(p)).Elem()
	for i := range fields.NumField() {
		name := fields.Type().Field(i).Tag.Get("json")
		value, ok := given[name]
		if !ok || (name != "max_age" && string(value) == "null") {
			return fmt.Errorf("the policy lacks the field %s", name)
		}
		if err := json.Unmarshal(value, fields.Field(i).Addr().Interface()); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		delete(given, name)
	}
	for name := range given {
		return &Unsupported{Reason: "the policy has a field that this server does not know: " + name}
	}
	return nil
}
