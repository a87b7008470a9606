package main

import (
	"os"

	"github.com/gofiber/fiber/v3"
	"github.com/gofiber/fiber/v3/middleware/cors"
)

func main() {
	app := fiber.New()
{hint}
	items := func(c fiber.Ctx) error {
		c.Set("X-Request-Id", "1")
		return c.JSON(fiber.Map{})
	}
	app.Get("/items", items)
	app.Put("/items", items)
	_ = app.Listen("127.0.0.1:"+os.Getenv("PORT"), fiber.ListenConfig{DisableStartupMessage: true})
}
