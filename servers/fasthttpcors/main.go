// AdhityaRamadhanus/fasthttpcors under test, in front of the usual router of fasthttp.
package main

import (
	"encoding/json"

	"corspec.test/support"
	"corspec.test/support/resource"
	"github.com/AdhityaRamadhanus/fasthttpcors"
	"github.com/fasthttp/router"
	"github.com/valyala/fasthttp"
)

func main() {
	support.Run(support.Subject{
		Name:       "fasthttpcors",
		Framework:  "github.com/valyala/fasthttp",
		Middleware: "github.com/AdhityaRamadhanus/fasthttpcors",
		Homepage:   "https://github.com/AdhityaRamadhanus/fasthttpcors",
	}, serve)
}

func serve(policy *support.Policy) (*support.Instance, error) {
	limits := support.Limits{
		Patterns: "AllowedOrigins has no patterns",
		Methods:  support.NamesOnly("AllowedMethods"),
		Expose:   support.NamesOnly("ExposedHeaders"),
	}
	if err := limits.Check(policy); err != nil {
		return nil, err
	}
	routes := router.New()
	routes.PanicHandler = func(ctx *fasthttp.RequestCtx, _ any) { ctx.SetStatusCode(fasthttp.StatusInternalServerError) }
	for _, route := range resource.Routes() {
		if route.Protected {
			routes.Handle(route.Method, route.Path, requireToken(handler(route)))
		} else {
			routes.Handle(route.Method, route.Path, handler(route))
		}
	}
	server := &fasthttp.Server{Handler: layerOf(policy).CorsMiddleware(routes.Handler)}
	return support.ServeOn(server.Serve)
}

// layerOf is the policy, said as https://github.com/AdhityaRamadhanus/fasthttpcors#usage shows.
func layerOf(policy *support.Policy) *fasthttpcors.CorsHandler {
	if policy == nil {
		return fasthttpcors.DefaultHandler()
	}
	options := fasthttpcors.Options{
		AllowedOrigins:   policy.Origins,
		AllowedHeaders:   policy.Headers,
		AllowMaxAge:      policy.MaxAgeOrZero(),
		AllowedMethods:   policy.Methods,
		ExposedHeaders:   policy.Expose,
		AllowCredentials: policy.Credentials,
	}
	if policy.AnyOrigin() {
		// "If you leave allowedOrigins empty then fasthttpcors will treat it as "*"", and the same of the headers.
		options.AllowedOrigins = nil
	}
	if policy.AnyHeader() {
		options.AllowedHeaders = nil
	}
	return fasthttpcors.NewCorsHandler(options)
}

func handler(route resource.Route) fasthttp.RequestHandler {
	return func(ctx *fasthttp.RequestCtx) {
		code, _ := ctx.UserValue("code").(string)
		query := ctx.QueryArgs()
		answer(ctx, route.Handle(resource.Request{
			Code:   code,
			To:     string(query.Peek("to")),
			Status: string(query.Peek("status")),
			Cookie: string(ctx.Request.Header.Peek("Cookie")),
		}))
	}
}

func requireToken(next fasthttp.RequestHandler) fasthttp.RequestHandler {
	return func(ctx *fasthttp.RequestCtx) {
		if !resource.Authorized(string(ctx.Request.Header.Peek("Authorization"))) {
			answer(ctx, resource.Unauthorized())
			return
		}
		next(ctx)
	}
}

func answer(ctx *fasthttp.RequestCtx, reply resource.Reply) {
	for name, value := range reply.Header {
		ctx.Response.Header.Set(name, value)
	}
	if reply.Vary != "" {
		ctx.Response.Header.Add("Vary", reply.Vary)
	}
	ctx.SetStatusCode(reply.Status)
	if reply.JSON != nil {
		ctx.SetContentType("application/json")
		json.NewEncoder(ctx).Encode(reply.JSON)
	} else {
		ctx.SetBodyString(reply.Text)
	}
}
