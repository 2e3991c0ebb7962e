// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package clitest

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// Offline returns the path of a kubeconfig whose server fails the test as soon
// as anything connects to it: what ran with it has proved that it needs no
// cluster.
func Offline(t testing.TB) (kubeconfig string) {
	t.Helper()
	server, err := listen()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if n := server.close(); n > 0 {
			t.Error(tooOnline(n))
		}
	})
	kubeconfig = filepath.Join(t.TempDir(), "kubeconfig")
	if err := os.WriteFile(kubeconfig, server.kubeconfig(), 0o600); err != nil {
		t.Fatal(err)
	}
	return kubeconfig
}

// trap is a listener that hangs up on everybody and counts them.
type trap struct {
	listener net.Listener
	done     sync.WaitGroup
	caught   int
}

func listen() (*trap, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &trap{listener: listener}
	s.done.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			s.caught++
			conn.Close()
		}
	})
	return s, nil
}

// close ends the trap and returns how many connections it caught.
func (s *trap) close() int {
	s.listener.Close()
	s.done.Wait()
	return s.caught
}

func tooOnline(connections int) string {
	return fmt.Sprintf("this works offline, yet %d connections to the API server were made", connections)
}

func (s *trap) kubeconfig() []byte {
	return fmt.Appendf(nil, `apiVersion: v1
kind: Config
current-context: offline
contexts:
- name: offline
  context: {cluster: offline, user: nobody}
clusters:
- name: offline
  cluster: {server: "http://%s"}
users:
- name: nobody
  user: {}
`, s.listener.Addr())
}
