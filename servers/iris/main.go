// The CORS middleware of iris under test.
package main

import (
	"regexp"
	"strings"
	"time"

	"corspec.test/support"
	"corspec.test/support/resource"
	"github.com/kataras/iris/v12"
	"github.com/kataras/iris/v12/middleware/cors"
	"github.com/kataras/iris/v12/middleware/recover"
)

func main() {
	support.Run(support.Subject{
		Name:       "iris",
		Framework:  "github.com/kataras/iris/v12",
		Middleware: "github.com/kataras/iris/v12",
		Homepage:   "https://pkg.go.dev/github.com/kataras/iris/v12/middleware/cors",
		// Without an Origin, as it is asked for, the middleware refuses it.
		Lacks: []string{"hits"},
	}, serve)
}

func serve(policy *support.Policy) (*support.Instance, error) {
	if err := (support.Limits{Headers: support.Literal, Expose: support.Literal}).Check(policy); err != nil {
		return nil, err
	}
	layer := cors.New()
	if policy != nil {
		configure(layer, policy)
	}
	app := iris.New()
	app.Logger().SetLevel("disable")
	app.UseRouter(recover.New(), layer.Handler())
	for _, route := range resource.Routes() {
		if route.Protected {
			app.Handle(route.Method, route.Path, requireToken, handler(route))
		} else {
			app.Handle(route.Method, route.Path, handler(route))
		}
	}
	if err := app.Build(); err != nil {
		return nil, err
	}
	return support.ServeHTTP(app)
}

// configure says the policy as https://pkg.go.dev/github.com/kataras/iris/v12/middleware/cors shows: the lists are the values of
// the headers. There is none of methods, which iris leaves to the router.
func configure(layer *cors.CORS, policy *support.Policy) {
	switch {
	case policy.HasPattern():
		layer.AllowOriginRegex(expressions(policy.Origins)...)
	default:
		layer.AllowOrigins(policy.Origins...)
	}
	layer.AllowHeaders(policy.Headers...)
	layer.ExposeHeaders(policy.Expose...)
	if !policy.Credentials {
		layer.DisallowCredentials()
	}
	if policy.MaxAge != nil {
		layer.MaxAge(time.Duration(policy.MaxAgeOrZero()) * time.Second)
	}
}

func expressions(origins []string) []string {
	var expressions []string
	for _, origin := range origins {
		expression := strings.Replace(regexp.QuoteMeta(origin), `\*`, `[a-z0-9_.-]+`, 1)
		expressions = append(expressions, "^"+expression+"$")
	}
	return expressions
}

func handler(route resource.Route) iris.Handler {
	return func(ctx iris.Context) {
		ctx.GetBody()
		answer(ctx, route.Handle(resource.FromHTTP(ctx.Request(), ctx.Params().Get("code"))))
	}
}

func requireToken(ctx iris.Context) {
	if !resource.Authorized(ctx.GetHeader("Authorization")) {
		answer(ctx, resource.Unauthorized())
		return
	}
	ctx.Next()
}

func answer(ctx iris.Context, reply resource.Reply) {
	reply.SetHeader(ctx.ResponseWriter().Header())
	ctx.StatusCode(reply.Status)
	if reply.JSON != nil {
		ctx.JSON(reply.JSON)
	} else {
		ctx.WriteString(reply.Text)
	}
}
