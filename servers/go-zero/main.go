// The CORS option of go-zero's REST server under test.
package main

import (
	"net/http"
	"strings"

	"corspec.test/support"
	"corspec.test/support/resource"
	"github.com/zeromicro/go-zero/core/logx"
	"github.com/zeromicro/go-zero/rest"
	"github.com/zeromicro/go-zero/rest/pathvar"
)

func main() {
	logx.Disable()
	support.Run(support.Subject{
		Name:       "go-zero",
		Framework:  "github.com/zeromicro/go-zero",
		Middleware: "github.com/zeromicro/go-zero",
		Homepage:   "https://go-zero.dev/community/faq/http/cors",
	}, serve)
}

func serve(policy *support.Policy) (*support.Instance, error) {
	limits := support.Limits{
		Patterns: "a name without scheme stands for its subdomains, but none of them has a scheme then",
		Methods:  support.Literal,
		Headers:  support.Literal,
		Expose:   support.Literal,
	}
	if err := limits.Check(policy); err != nil {
		return nil, err
	}
	server, err := rest.NewServer(rest.RestConf{Middlewares: rest.MiddlewaresConf{Recover: true}}, optionOf(policy))
	if err != nil {
		return nil, err
	}
	param := func(r *http.Request, name string) string { return pathvar.Vars(r)[name] }
	for _, route := range resource.Routes() {
		handler := route.Handler(param).ServeHTTP
		server.AddRoute(rest.Route{Method: route.Method, Path: route.ColonPath(), Handler: handler})
	}
	// The server itself would not tell which port the system has chosen.
	serverless, err := rest.NewServerless(server)
	if err != nil {
		return nil, err
	}
	return support.ServeHTTP(http.HandlerFunc(serverless.Serve))
}

// optionOf is the policy, said as https://go-zero.dev/community/faq/http/cors shows: the function sets the headers.
func optionOf(policy *support.Policy) rest.RunOption {
	if policy == nil {
		return rest.WithCors()
	}
	return rest.WithCustomCors(headersOf(policy), nil, policy.Origins...)
}

func headersOf(policy *support.Policy) func(http.Header) {
	methods := strings.Join(policy.Methods, ", ")
	headers := strings.Join(policy.Headers, ", ")
	expose := strings.Join(policy.Expose, ", ")
	return func(header http.Header) {
		header.Set("Access-Control-Allow-Methods", methods)
		header.Set("Access-Control-Allow-Headers", headers)
		header.Set("Access-Control-Expose-Headers", expose)
		if policy.MaxAge != nil {
			header.Set("Access-Control-Max-Age", policy.MaxAgeText())
		}
		// Each origin that is permitted is permitted to use credentials, and this is the one place to take that back.
		if !policy.Credentials {
			header.Del("Access-Control-Allow-Credentials")
		}
	}
}
