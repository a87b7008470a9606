package support

import (
	"io"
	"log"
	"net"
	"net/http"
	"sync"
)

// Instance is a server that enforces one policy.
type Instance struct {
	URL string
	// Stop returns once nothing listens at the URL any more and no connection is left.
	Stop func()
}

// ServeHTTP serves a handler of net/http. What it would log, panics among it, is dropped.
func ServeHTTP(handler http.Handler) (*Instance, error) {
	server := &http.Server{Handler: handler, ErrorLog: log.New(io.Discard, "", 0)}
	return ServeOn(server.Serve)
}

// ServeOn runs a server on a port of the system's choice until the listener ends.
func ServeOn(serve func(net.Listener) error) (*Instance, error) {
	tcp, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	listener := &listener{Listener: tcp, open: map[*connection]struct{}{}}
	go serve(listener)
	return &Instance{URL: "http://" + tcp.Addr().String(), Stop: listener.stop}, nil
}

// listener knows its connections, so that they can end with it: not every framework can do that.
type listener struct {
	net.Listener
	mutex sync.Mutex
	over  bool
	open  map[*connection]struct{}
}

func (l *listener) Accept() (net.Conn, error) {
	accepted, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	connection := &connection{Conn: accepted, listener: l}
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if l.over {
		accepted.Close()
	} else {
		l.open[connection] = struct{}{}
	}
	return connection, nil
}

func (l *listener) stop() {
	l.Listener.Close()
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.over = true
	for connection := range l.open {
		connection.Conn.Close()
	}
}

type connection struct {
	net.Conn
	listener *listener
}

func (c *connection) Close() error {
	c.listener.mutex.Lock()
	delete(c.listener.open, c)
	c.listener.mutex.Unlock()
	return c.Conn.Close()
}
