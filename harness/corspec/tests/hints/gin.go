package main

import (
	"net/http"
	"os"
	"time"

	"github.com/gin-contrib/cors"
	"github.com/gin-gonic/gin"
)

func main() {
	gin.SetMode(gin.ReleaseMode)
	router := gin.New()
{hint}
	router.Match([]string{"GET", "PUT"}, "/items", func(c *gin.Context) {
		c.Header("X-Request-Id", "1")
		c.JSON(http.StatusOK, gin.H{})
	})
	_ = router.Run("127.0.0.1:" + os.Getenv("PORT"))
}
