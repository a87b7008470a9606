// The CORS of gorilla/handlers under test, in front of the router of gorilla/mux.
package main

import (
	"net/http"

	"corspec.test/support"
	"corspec.test/support/resource"
	"github.com/gorilla/handlers"
	"github.com/gorilla/mux"
)

func main() {
	support.Run(support.Subject{
		Name:       "gorilla-handlers",
		Framework:  "github.com/gorilla/mux",
		Middleware: "github.com/gorilla/handlers",
		Homepage:   "https://pkg.go.dev/github.com/gorilla/handlers#CORS",
	}, serve)
}

func serve(policy *support.Policy) (*support.Instance, error) {
	limits := support.Limits{
		Patterns: "nothing is documented of AllowedOriginValidator but that it takes a function",
		Methods:  support.NamesOnly("AllowedMethods"),
		Headers:  support.NamesOnly("AllowedHeaders"),
		Expose:   support.NamesOnly("ExposedHeaders"),
	}
	if err := limits.Check(policy); err != nil {
		return nil, err
	}
	router := mux.NewRouter()
	for _, route := range resource.Routes() {
		handler := route.Handler(func(r *http.Request, name string) string { return mux.Vars(r)[name] })
		router.Handle(route.Path, handler).Methods(route.Method)
	}
	recovering := handlers.RecoveryHandler(handlers.RecoveryLogger(quiet{}))(router)
	return support.ServeHTTP(handlers.CORS(optionsOf(policy)...)(recovering))
}

// optionsOf is the policy, said as https://pkg.go.dev/github.com/gorilla/handlers#CORSOption shows. The quick start has no option.
func optionsOf(policy *support.Policy) []handlers.CORSOption {
	if policy == nil {
		return nil
	}
	options := []handlers.CORSOption{
		handlers.AllowedOrigins(policy.Origins),
		handlers.AllowedMethods(policy.Methods),
		handlers.AllowedHeaders(policy.Headers),
		handlers.ExposedHeaders(policy.Expose),
	}
	if policy.Credentials {
		options = append(options, handlers.AllowCredentials())
	}
	if policy.MaxAge != nil {
		options = append(options, handlers.MaxAge(policy.MaxAgeOrZero()))
	}
	return options
}

type quiet struct{}

func (quiet) Println(...any) {}
