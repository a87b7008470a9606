module corspec.test/servers/echo

go 1.26

require (
	corspec.test/support v0.0.0
	github.com/labstack/echo/v5 v5.4.4
)

require golang.org/x/time v0.15.0 // indirect

replace corspec.test/support => ../support/go
