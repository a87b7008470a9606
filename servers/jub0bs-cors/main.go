// jub0bs/cors under test, in front of the router of net/http.
package main

import (
	"corspec.test/support"
	"corspec.test/support/resource"
	"github.com/jub0bs/cors"
)

func main() {
	support.Run(support.Subject{
		Name:       "jub0bs-cors",
		Middleware: "github.com/jub0bs/cors",
		Homepage:   "https://pkg.go.dev/github.com/jub0bs/cors",
	}, serve)
}

func serve(policy *support.Policy) (*support.Instance, error) {
	if err := (support.Limits{Default: "there is no default: the origins have to be stated"}).Check(policy); err != nil {
		return nil, err
	}
	layer, err := cors.NewMiddleware(configOf(policy))
	if err != nil {
		return nil, &support.Refused{Reason: err.Error()}
	}
	return support.ServeHTTP(layer.Wrap(resource.Recover(resource.Mux())))
}

// configOf is the policy, said as https://pkg.go.dev/github.com/jub0bs/cors#Config shows.
func configOf(policy *support.Policy) cors.Config {
	return cors.Config{
		Origins:         policy.Origins,
		Credentialed:    policy.Credentials,
		Methods:         policy.Methods,
		RequestHeaders:  policy.Headers,
		MaxAgeInSeconds: policy.MaxAgeOrMinus(),
		ResponseHeaders: policy.Expose,
		// Whoever lists an insecure origin together with credentials has to say that it is on purpose.
		DangerouslyTolerateInsecureOrigins: true,
	}
}
