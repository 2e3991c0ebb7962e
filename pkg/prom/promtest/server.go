// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package promtest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Server is a Prometheus of ours.
type Server struct {
	// URL is where it answers, with the prefix of --web.route-prefix.
	URL string

	dir   string
	leash *os.File
	cmd   *exec.Cmd
	ended chan struct{}
}

// patience is how long Prometheus may take to start, on a machine that has a lot
// to do.
const patience = time.Minute

// Start runs a Prometheus on loopback whose history is the OpenMetrics text, and
// returns its URL. It ends with the test. Arguments go to Prometheus;
// --config.file replaces a configuration that scrapes nothing, and
// --web.listen-address=HOST:0 makes it listen elsewhere, on a free port.
func Start(t testing.TB, openMetrics []byte, args ...string) (url string) {
	t.Helper()
	s, err := run(func(w io.Writer) error {
		_, err := w.Write(openMetrics)
		return err
	}, defaultInterval, args)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s.URL
}

// Run runs a Prometheus with a history outside of a test. If it is not closed,
// it ends with this process.
func Run(h History, args ...string) (*Server, error) { return run(h.write, h.Interval, args) }

// defaultInterval is what the configuration says if nothing else is known.
const defaultInterval = 15 * time.Second

func run(history func(io.Writer) error, interval time.Duration, args []string) (*Server, error) {
	programs, err := find("prometheus", "promtool")
	if err != nil {
		return nil, err
	}
	for tries := 1; ; tries++ {
		dir, err := os.MkdirTemp("", "kubectl-micro-prometheus-")
		if err != nil {
			return nil, err
		}
		s, err := serve(dir, programs, history, interval, args)
		if err == nil {
			return s, nil
		}
		err = errors.Join(err, os.RemoveAll(dir))
		// Somebody may take the free port before Prometheus does; then there is another.
		if tries == 3 || !strings.Contains(err.Error(), "address already in use") {
			return nil, err
		}
	}
}

// find returns the paths of programs.
func find(names ...string) ([]string, error) {
	paths := make([]string, len(names))
	for i, name := range names {
		path, err := exec.LookPath(name)
		if err != nil {
			return nil, fmt.Errorf("%w: these tests run a real Prometheus, install it with `make tools` or `apt-get install prometheus`", err)
		}
		paths[i] = path
	}
	return paths, nil
}

func serve(dir string, programs []string, history func(io.Writer) error, interval time.Duration, args []string) (*Server, error) {
	if err := backfill(dir, programs[1], history); err != nil {
		return nil, err
	}
	config := fmt.Sprintf("global: {scrape_interval: %s}\n", interval)
	if err := os.WriteFile(filepath.Join(dir, "prometheus.yml"), []byte(config), 0o600); err != nil {
		return nil, err
	}
	return launch(dir, programs[0], args)
}

// backfill makes the blocks.
func backfill(dir, promtool string, history func(io.Writer) error) error {
	text := filepath.Join(dir, "history.txt")
	file, err := os.Create(text)
	if err != nil {
		return err
	}
	if err := errors.Join(history(file), file.Close()); err != nil {
		return err
	}
	out, err := exec.Command(promtool, "tsdb", "create-blocks-from", "openmetrics", "--quiet", text, filepath.Join(dir, "data")).CombinedOutput()
	if err != nil {
		return fmt.Errorf("promtool cannot make blocks of the history: %w\n%s", err, bytes.TrimSpace(out))
	}
	return os.Remove(text)
}

// guard is a shell that becomes Prometheus and leaves behind a process that ends
// it, and removes its directory, as soon as we are gone: that closes our end of
// the pipe which is its standard input, whatever the reason.
const guard = `exec 3<&0 </dev/null
(cat <&3; kill -9 $$; rm -rf "$0" || { sleep 1; rm -rf "$0"; }) >/dev/null 2>&1 &
exec "$@" 3<&-`

func launch(dir, prometheus string, args []string) (*Server, error) {
	host, prefix, rest := read(args)
	address, err := freeAddress(host)
	if err != nil {
		return nil, err
	}
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		return nil, err
	}
	defer log.Close()
	end, leash, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer end.Close()
	// Of an option given twice Prometheus complains, hence one file name or the other.
	if !has(rest, "--config.file") {
		rest = append(rest, "--config.file="+filepath.Join(dir, "prometheus.yml"))
	}
	cmd := exec.Command("/bin/sh", append([]string{
		"-c", guard, dir, prometheus, "--web.listen-address=" + address,
		"--storage.tsdb.path=" + filepath.Join(dir, "data"), "--storage.tsdb.retention.time=100y", "--log.level=warn",
	}, rest...)...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = end, log, log
	if err := cmd.Start(); err != nil {
		return nil, errors.Join(err, leash.Close())
	}
	s := &Server{URL: "http://" + address + prefix, dir: dir, leash: leash, cmd: cmd, ended: make(chan struct{})}
	go func() { _ = cmd.Wait(); close(s.ended) }()
	if err := s.await(); err != nil {
		said, _ := os.ReadFile(log.Name())
		s.Close()
		return nil, fmt.Errorf("%w\n%s", err, bytes.TrimSpace(said))
	}
	return s, nil
}

// read takes the host out of the arguments, and returns the prefix of URLs too.
func read(args []string) (host, prefix string, rest []string) {
	host = "127.0.0.1"
	for _, a := range args {
		name, value, _ := strings.Cut(a, "=")
		switch name {
		case "--web.listen-address":
			host = strings.TrimSuffix(value, ":0")
			continue
		case "--web.route-prefix":
			prefix = "/" + strings.Trim(value, "/")
		}
		rest = append(rest, a)
	}
	return host, strings.TrimSuffix(prefix, "/"), rest
}

func has(args []string, name string) bool {
	for _, a := range args {
		if a == name || strings.HasPrefix(a, name+"=") {
			return true
		}
	}
	return false
}

func freeAddress(host string) (string, error) {
	l, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// await waits until Prometheus is ready, and makes sure that it is ours.
func (s *Server) await() error {
	late := time.NewTimer(patience)
	defer late.Stop()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-s.ended:
			return fmt.Errorf("prometheus ended before it was ready: %s", s.cmd.ProcessState)
		case <-late.C:
			return fmt.Errorf("prometheus was not ready after %s", patience)
		case <-tick.C:
		}
		// What wants credentials or TLS does not say whether it is ready, but serves.
		status, _, err := get(s.URL + "/-/ready")
		if err != nil || status == http.StatusServiceUnavailable {
			continue
		}
		if status != http.StatusOK {
			return nil
		}
		_, flags, err := get(s.URL + "/api/v1/status/flags")
		if err != nil {
			return err
		}
		if !bytes.Contains(flags, []byte(s.dir)) {
			return fmt.Errorf("another Prometheus answers at %s: address already in use", s.URL)
		}
		return nil
	}
}

func get(url string) (int, []byte, error) {
	request, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		return 0, nil, err
	}
	request.Close = true // no idle connection is left for goroutine counts to find
	response, err := (&http.Client{Timeout: patience}).Do(request)
	if err != nil {
		return 0, nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return response.StatusCode, body, err
}

// Close ends it and removes what it stored.
func (s *Server) Close() {
	_ = s.leash.Close()
	<-s.ended
	_ = os.RemoveAll(s.dir)
}
