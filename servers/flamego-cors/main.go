// flamego/cors under test, on flamego.
package main

import (
	"io"
	"net/http"
	"strings"
	"time"

	"corspec.test/support"
	"corspec.test/support/resource"
	"github.com/flamego/cors"
	"github.com/flamego/flamego"
)

func main() {
	flamego.SetEnv(flamego.EnvTypeProd)
	support.Run(support.Subject{
		Name:       "flamego-cors",
		Framework:  "github.com/flamego/flamego",
		Middleware: "github.com/flamego/cors",
		Homepage:   "https://flamego.dev/middleware/cors.html",
	}, serve)
}

func serve(policy *support.Policy) (*support.Instance, error) {
	limits := support.Limits{
		Null:    "AllowDomain lists domains, and the opaque origin has none",
		Methods: support.NamesOnly("Methods"),
		Expose:  support.NoOption("response headers"),
	}
	if err := limits.Check(policy); err != nil {
		return nil, err
	}
	layer := cors.CORS()
	if policy != nil {
		options, err := optionsOf(policy)
		if err != nil {
			return nil, err
		}
		layer = cors.CORS(options)
	}
	f := flamego.NewWithLogger(io.Discard)
	f.Use(flamego.Recovery(), layer)
	for _, route := range resource.Routes() {
		f.Routes(route.Path, route.Method, handler(route))
	}
	return support.ServeHTTP(f)
}

// optionsOf is the policy, said as https://pkg.go.dev/github.com/flamego/cors#Options shows. There is no option for headers:
// of a request whichever are asked for are permitted, and of a response none are exposed.
func optionsOf(policy *support.Policy) (options cors.Options, err error) {
	options = cors.Options{
		Methods:          policy.Methods,
		MaxAge:           time.Duration(policy.MaxAgeOrZero()) * time.Second,
		AllowCredentials: policy.Credentials,
	}
	switch {
	case policy.AnyOrigin() && policy.Credentials:
		// "Which will reply with requesting domain and hence allow requests from any domain *with* credentials."
		options.Scheme, options.AllowDomain = "*", []string{"!*"}
	case policy.AnyOrigin():
		options.AllowDomain = []string{"*"}
	default:
		err = restrict(&options, policy.Origins)
	}
	return options, err
}

// restrict takes the origins apart: there is one scheme for all domains, and all or none of them cover their subdomains.
func restrict(options *cors.Options, origins []string) error {
	patterns := 0
	for _, origin := range origins {
		scheme, domain, _ := strings.Cut(origin, "://")
		if options.Scheme != "" && options.Scheme != scheme {
			return &support.Unsupported{Reason: "there is one Scheme for all domains, or any for all"}
		}
		options.Scheme = scheme
		if below, isPattern := strings.CutPrefix(domain, "*."); isPattern {
			domain = below
			patterns++
		}
		options.AllowDomain = append(options.AllowDomain, domain)
	}
	if patterns != 0 && patterns != len(origins) {
		return &support.Unsupported{Reason: "AllowSubdomain holds for all domains or for none"}
	}
	options.AllowSubdomain = patterns != 0
	return nil
}

func handler(route resource.Route) flamego.Handler {
	return route.Handler(func(r *http.Request, name string) string {
		return strings.TrimPrefix(r.URL.Path, strings.TrimSuffix(route.Path, "{"+name+"}"))
	}).ServeHTTP
}
