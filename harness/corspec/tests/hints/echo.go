package main

import (
	"net/http"
	"os"

	"github.com/labstack/echo/v5"
	"github.com/labstack/echo/v5/middleware"
)

func main() {
	e := echo.New()
{hint}
	items := func(c *echo.Context) error {
		c.Response().Header().Set("X-Request-Id", "1")
		return c.JSON(http.StatusOK, struct{}{})
	}
	e.GET("/items", items)
	e.PUT("/items", items)
	_ = e.Start("127.0.0.1:" + os.Getenv("PORT"))
}
