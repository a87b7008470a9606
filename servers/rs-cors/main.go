// rs/cors under test, in front of the router of net/http.
package main

import (
	"corspec.test/support"
	"corspec.test/support/resource"
	"github.com/rs/cors"
)

func main() {
	support.Run(support.Subject{
		Name:       "rs-cors",
		Middleware: "github.com/rs/cors",
		Homepage:   "https://pkg.go.dev/github.com/rs/cors",
	}, serve)
}

func serve(policy *support.Policy) (*support.Instance, error) {
	limits := support.Limits{
		Methods: support.NamesOnly("AllowedMethods"),
		Expose:  support.NamesOnly("ExposedHeaders"),
	}
	if err := limits.Check(policy); err != nil {
		return nil, err
	}
	layer := cors.Default()
	if policy != nil {
		layer = cors.New(optionsOf(policy))
	}
	return support.ServeHTTP(layer.Handler(resource.Recover(resource.Mux())))
}

// optionsOf is the policy, said as https://pkg.go.dev/github.com/rs/cors#Options shows.
func optionsOf(policy *support.Policy) cors.Options {
	return cors.Options{
		AllowedOrigins:   policy.Origins,
		AllowedMethods:   policy.Methods,
		AllowedHeaders:   policy.Headers,
		ExposedHeaders:   policy.Expose,
		AllowCredentials: policy.Credentials,
		MaxAge:           policy.MaxAgeOrMinus(),
	}
}
