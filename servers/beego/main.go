// The CORS filter of beego under test.
package main

import (
	"io"
	"time"

	"corspec.test/support"
	"corspec.test/support/resource"
	"github.com/beego/beego/v2/core/logs"
	"github.com/beego/beego/v2/server/web"
	"github.com/beego/beego/v2/server/web/context"
	"github.com/beego/beego/v2/server/web/filter/cors"
)

// The filter keeps the origins that it permits in one list for the whole process: with two filters in it, each permits the
// origins of the other as well.
func main() {
	support.Run(support.Subject{
		Name:       "beego",
		Framework:  "github.com/beego/beego/v2",
		Middleware: "github.com/beego/beego/v2",
		Homepage:   "https://pkg.go.dev/github.com/beego/beego/v2/server/web/filter/cors",
	}, support.InChildren(serve))
}

func serve(policy *support.Policy) (*support.Instance, error) {
	limits := support.Limits{
		Default: "the filter has no default",
		Methods: support.NamesOnly("AllowMethods"),
		Headers: support.NamesOnly("AllowHeaders"),
		Expose:  support.NamesOnly("ExposeHeaders"),
	}
	if err := limits.Check(policy); err != nil {
		return nil, err
	}
	web.BConfig.RunMode = web.PROD
	logs.Reset()
	web.InsertFilter("*", web.BeforeRouter, cors.Allow(optionsOf(policy)))
	web.InsertFilter("/protected", web.BeforeExec, requireToken)
	for _, route := range resource.Routes() {
		web.BeeApp.Handlers.AddMethod(route.Method, route.ColonPath(), handler(route))
	}
	web.BeeApp.Handlers.Init()
	return support.ServeHTTP(web.BeeApp.Handlers)
}

// optionsOf is the policy, said as https://pkg.go.dev/github.com/beego/beego/v2/server/web/filter/cors#Options shows.
func optionsOf(policy *support.Policy) *cors.Options {
	options := &cors.Options{
		AllowAllOrigins:  policy.AnyOrigin(),
		AllowCredentials: policy.Credentials,
		AllowMethods:     policy.Methods,
		AllowHeaders:     policy.Headers,
		ExposeHeaders:    policy.Expose,
		MaxAge:           time.Duration(policy.MaxAgeOrZero()) * time.Second,
	}
	if !options.AllowAllOrigins {
		options.AllowOrigins = policy.Origins
	}
	return options
}

func handler(route resource.Route) web.HandleFunc {
	return func(ctx *context.Context) {
		io.Copy(io.Discard, ctx.Request.Body)
		answer(ctx, route.Handle(resource.FromHTTP(ctx.Request, ctx.Input.Param(":code"))))
	}
}

func requireToken(ctx *context.Context) {
	if !resource.Authorized(ctx.Input.Header("Authorization")) {
		answer(ctx, resource.Unauthorized())
	}
}

func answer(ctx *context.Context, reply resource.Reply) {
	reply.SetHeader(ctx.ResponseWriter.Header())
	ctx.Output.SetStatus(reply.Status)
	if reply.JSON != nil {
		ctx.Output.JSON(reply.JSON, false, false)
	} else {
		ctx.Output.Body([]byte(reply.Text))
	}
}
