package main

import (
	"net/http"
	"os"

	"github.com/gorilla/handlers"
	"github.com/gorilla/mux"
)

func main() {
	router := mux.NewRouter()
	router.HandleFunc("/items", items).Methods("GET", "PUT")
{hint}
	_ = http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), handler)
}

func items(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("X-Request-Id", "1")
	_, _ = w.Write([]byte("{}"))
}
