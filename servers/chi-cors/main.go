// go-chi/cors under test, on the router of chi.
package main

import (
	"corspec.test/support"
	"corspec.test/support/resource"
	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	"github.com/go-chi/cors"
)

func main() {
	support.Run(support.Subject{
		Name:       "chi-cors",
		Framework:  "github.com/go-chi/chi/v5",
		Middleware: "github.com/go-chi/cors",
		Homepage:   "https://pkg.go.dev/github.com/go-chi/cors",
	}, serve)
}

func serve(policy *support.Policy) (*support.Instance, error) {
	limits := support.Limits{
		Default: "the quick start sets every option",
		Methods: support.NamesOnly("AllowedMethods"),
		Expose:  support.NamesOnly("ExposedHeaders"),
	}
	if err := limits.Check(policy); err != nil {
		return nil, err
	}
	router := chi.NewRouter()
	router.Use(middleware.Recoverer, cors.Handler(optionsOf(policy)))
	for _, route := range resource.Routes() {
		router.Method(route.Method, route.Path, route.Handler(chi.URLParam))
	}
	return support.ServeHTTP(router)
}

// optionsOf is the policy, said as https://pkg.go.dev/github.com/go-chi/cors#Options shows.
func optionsOf(policy *support.Policy) cors.Options {
	return cors.Options{
		AllowedOrigins:   policy.Origins,
		AllowedMethods:   policy.Methods,
		AllowedHeaders:   policy.Headers,
		ExposedHeaders:   policy.Expose,
		AllowCredentials: policy.Credentials,
		MaxAge:           policy.MaxAgeOrZero(),
	}
}
