// The CORS filter of go-restful under test.
package main

import (
	"io"
	"log"

	"corspec.test/support"
	"corspec.test/support/resource"
	"github.com/emicklei/go-restful/v3"
)

func main() {
	restful.SetLogger(log.New(io.Discard, "", 0))
	support.Run(support.Subject{
		Name:       "go-restful",
		Framework:  "github.com/emicklei/go-restful/v3",
		Middleware: "github.com/emicklei/go-restful/v3",
		Homepage:   "https://pkg.go.dev/github.com/emicklei/go-restful/v3#CrossOriginResourceSharing",
	}, serve)
}

func serve(policy *support.Policy) (*support.Instance, error) {
	limits := support.Limits{
		Patterns: "nothing is documented of AllowedDomainFunc but that it takes a function",
		Methods:  support.NamesOnly("AllowedMethods"),
		Expose:   support.NamesOnly("ExposeHeaders"),
	}
	if err := limits.Check(policy); err != nil {
		return nil, err
	}
	container := restful.NewContainer()
	cors := filterOf(policy)
	cors.Container = container
	container.Filter(cors.Filter)
	container.DoNotRecover(false)
	service := new(restful.WebService).Consumes("*/*").Produces("*/*")
	for _, route := range resource.Routes() {
		builder := service.Method(route.Method).Path(route.Path).To(handler(route))
		if route.Protected {
			builder.Filter(requireToken)
		}
		service.Route(builder)
	}
	container.Add(service)
	return support.ServeHTTP(container)
}

// filterOf is the policy, said as https://pkg.go.dev/github.com/emicklei/go-restful/v3#CrossOriginResourceSharing shows.
func filterOf(policy *support.Policy) restful.CrossOriginResourceSharing {
	if policy == nil {
		return restful.CrossOriginResourceSharing{}
	}
	return restful.CrossOriginResourceSharing{
		ExposeHeaders:  policy.Expose,
		AllowedHeaders: orAny(policy.Headers, policy.AnyHeader()),
		AllowedDomains: orAny(policy.Origins, policy.AnyOrigin()),
		AllowedMethods: policy.Methods,
		MaxAge:         policy.MaxAgeOrZero(),
		CookiesAllowed: policy.Credentials,
	}
}

// orAny says any as "the special wildcard string".
func orAny(entries []string, all bool) []string {
	if all {
		return []string{".*"}
	}
	return entries
}

func handler(route resource.Route) restful.RouteFunction {
	return func(request *restful.Request, response *restful.Response) {
		io.Copy(io.Discard, request.Request.Body)
		answer(response, route.Handle(resource.FromHTTP(request.Request, request.PathParameter("code"))))
	}
}

func requireToken(request *restful.Request, response *restful.Response, chain *restful.FilterChain) {
	if !resource.Authorized(request.HeaderParameter("Authorization")) {
		answer(response, resource.Unauthorized())
		return
	}
	chain.ProcessFilter(request, response)
}

func answer(response *restful.Response, reply resource.Reply) {
	reply.SetHeader(response.Header())
	if reply.JSON != nil {
		response.WriteHeaderAndJson(reply.Status, reply.JSON, restful.MIME_JSON)
		return
	}
	response.WriteHeader(reply.Status)
	io.WriteString(response, reply.Text)
}
