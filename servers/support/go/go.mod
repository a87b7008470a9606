module corspec.test/support

go 1.26
