module corspec.test/servers/go-restful

go 1.26

require (
	corspec.test/support v0.0.0
	github.com/emicklei/go-restful/v3 v3.14.0
)

replace corspec.test/support => ../support/go
