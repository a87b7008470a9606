// The CORS middleware of echo under test.
package main

import (
	"io"
	"log/slog"
	"slices"
	"strings"

	"corspec.test/support"
	"corspec.test/support/resource"
	"github.com/labstack/echo/v5"
	"github.com/labstack/echo/v5/middleware"
)

func main() {
	support.Run(support.Subject{
		Name:       "echo",
		Framework:  "github.com/labstack/echo/v5",
		Middleware: "github.com/labstack/echo/v5",
		Homepage:   "https://echo.labstack.com/docs/middleware/cors",
	}, serve)
}

func serve(policy *support.Policy) (*support.Instance, error) {
	limits := support.Limits{
		Default: "AllowOrigins is mandatory",
		Methods: support.Literal,
		Headers: support.Literal,
		Expose:  support.Literal,
	}
	if err := limits.Check(policy); err != nil {
		return nil, err
	}
	layer, err := configOf(policy).ToMiddleware()
	if err != nil {
		return nil, &support.Refused{Reason: err.Error()}
	}
	e := echo.New()
	e.Logger = slog.New(slog.DiscardHandler)
	e.Use(middleware.Recover(), layer)
	for _, route := range resource.Routes() {
		if route.Protected {
			e.Add(route.Method, route.ColonPath(), handler(route), requireToken)
		} else {
			e.Add(route.Method, route.ColonPath(), handler(route))
		}
	}
	return support.ServeHTTP(e)
}

// configOf is the policy, said as the documentation of middleware.CORSConfig shows: it calls the lists the values of the
// headers, so that "*" means there what it means in them.
func configOf(policy *support.Policy) middleware.CORSConfig {
	config := middleware.CORSConfig{
		AllowOrigins:     policy.Origins,
		AllowMethods:     policy.Methods,
		AllowHeaders:     policy.Headers,
		AllowCredentials: policy.Credentials,
		ExposeHeaders:    policy.Expose,
		MaxAge:           policy.MaxAgeOrMinus(),
	}
	if policy.HasPattern() {
		config.UnsafeAllowOriginFunc = allowOrigin(policy.Origins)
	}
	return config
}

// allowOrigin checks subdomains as the example at UnsafeAllowOriginFunc does, by the end of the origin alone. Exact origins
// have to be looked up here as well, as the function stands in for the list.
func allowOrigin(origins []string) func(*echo.Context, string) (string, bool, error) {
	return func(_ *echo.Context, origin string) (string, bool, error) {
		permits := func(entry string) bool {
			_, domain, isPattern := strings.Cut(entry, "://*")
			return origin == entry || (isPattern && strings.HasSuffix(origin, domain))
		}
		if slices.ContainsFunc(origins, permits) {
			return origin, true, nil
		}
		return "", false, nil
	}
}

func handler(route resource.Route) echo.HandlerFunc {
	return func(c *echo.Context) error {
		io.Copy(io.Discard, c.Request().Body)
		return answer(c, route.Handle(resource.FromHTTP(c.Request(), c.Param("code"))))
	}
}

func requireToken(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c *echo.Context) error {
		if !resource.Authorized(c.Request().Header.Get("Authorization")) {
			return answer(c, resource.Unauthorized())
		}
		return next(c)
	}
}

func answer(c *echo.Context, reply resource.Reply) error {
	reply.SetHeader(c.Response().Header())
	switch {
	case reply.JSON != nil:
		return c.JSON(reply.Status, reply.JSON)
	case reply.Text != "":
		return c.String(reply.Status, reply.Text)
	default:
		return c.NoContent(reply.Status)
	}
}
