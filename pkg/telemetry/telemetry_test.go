// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package telemetry_test

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"go.uber.org/goleak"

	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/prom/promtest"
	"github.com/kubectl-micro/kubectl-micro/pkg/signals"
	"github.com/kubectl-micro/kubectl-micro/pkg/telemetry"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// factory has no cluster and no environment but what is given.
func factory(t *testing.T, env ...string) (*cli.Factory, *bytes.Buffer) {
	t.Helper()
	t.Setenv("KUBECONFIG", filepath.Join(t.TempDir(), "none"))
	var stderr bytes.Buffer
	f := cli.NewFactory(cli.Streams{In: strings.NewReader(""), Out: &bytes.Buffer{}, ErrOut: &stderr}, cli.Build{})
	f.Getenv = func(name string) string {
		for _, e := range env {
			if v, ok := strings.CutPrefix(e, name+"="); ok {
				return v
			}
		}
		return ""
	}
	return f, &stderr
}

// parse returns the flags of a command line.
func parse(t *testing.T, args ...string) *telemetry.Flags {
	t.Helper()
	flags := &telemetry.Flags{}
	cmd := &cobra.Command{Use: "test"}
	flags.AddFlags(cmd)
	if err := cmd.ParseFlags(args); err != nil {
		t.Fatal(err)
	}
	return flags
}

func open(t *testing.T, f *cli.Factory, args ...string) (*telemetry.Feed, error) {
	t.Helper()
	x, err := telemetry.Open(t.Context(), f, parse(t, args...), "")
	if err == nil {
		t.Cleanup(x.Close)
	}
	return x, err
}

func said(err error) string {
	var f *fault.Error
	if errors.As(err, &f) {
		return err.Error() + "\n" + f.Hint
	}
	return fmt.Sprint(err)
}

const now = "2026-03-01T12:00:00Z"

func TestOpen(t *testing.T) {
	url := promtest.Start(t, promtest.Shop().OpenMetrics())
	f, stderr := factory(t)
	x, err := open(t, f, "--prometheus", url, "--at", now, "--show-queries", "--grpc-errors=all")
	if err != nil {
		t.Fatal(said(err))
	}
	if x.Name != url || len(x.Profiles) != 1 || x.Profiles[0].Name != "istio" || x.Policy != signals.AllErrors || !x.At.Equal(promtest.Now) || x.Prometheus == nil {
		t.Errorf("%+v", x)
	}
	a, err := x.Ask(t.Context(), signals.Query{Profile: x.Profiles[0]})
	if err != nil || len(a.Vector) == 0 || a.Window != 5*time.Minute {
		t.Fatal(len(a.Vector), a.Window, err)
	}
	for _, want := range []string{"# " + url + " at " + now + ", window 5m0s, 1 profile istio\n", "# label_replace(sum by ("} {
		if !strings.Contains(stderr.String(), want) {
			t.Errorf("%s\nwants %q", stderr, want)
		}
	}
	before := x.AsOf(promtest.Now.Add(-24 * time.Hour))
	if a, err = before.Ask(t.Context(), signals.Query{Profile: x.Profiles[0]}); err != nil || len(a.Vector) != 0 {
		t.Errorf("there was nothing a day before: %d series, %v", len(a.Vector), err)
	}
	longer, err := x.Over(t.Context(), time.Hour)
	if err != nil || longer.Window != time.Hour || longer.Prometheus != x.Prometheus || x.Window != 5*time.Minute {
		t.Errorf("over an hour: %+v, %v", longer, err)
	}
	if _, err := x.Over(t.Context(), 30*time.Second); fault.KindOf(err) != fault.Usage || !strings.Contains(said(err), "a window of 30s is too short for a rate") {
		t.Errorf("over 30 seconds: %v", err)
	}
	for _, c := range []struct {
		kind fault.Kind
		args []string
		want string
	}{
		{fault.Usage, []string{"--window", "30s"}, "a window of 30s is too short for a rate"},
		{fault.Undecided, []string{"--profile", "spring"}, "expected metrics of --profile spring in " + url + ", found 1 profile istio"},
		{fault.Undecided, []string{"--at", "2026-02-01T12:00:00Z"}, "none at all in the last hour"},
	} {
		if _, err := open(t, f, append([]string{"--prometheus", url, "--at", now}, c.args...)...); fault.KindOf(err) != c.kind || !strings.Contains(said(err), c.want) {
			t.Errorf("%v: kind %d: %s", c.args, fault.KindOf(err), said(err))
		}
	}
}

func TestNothingMeasured(t *testing.T) {
	f, _ := factory(t)
	_, err := open(t, f, "--at", now, "--prometheus", promtest.Start(t, promtest.Empty().OpenMetrics()))
	if fault.KindOf(err) != fault.Undecided {
		t.Errorf("kind %d", fault.KindOf(err))
	}
	for _, want := range []string{"expected metrics of requests (istio_requests_total, ", "found 1 other metric: up", "kubectl micro monitor doctor"} {
		if !strings.Contains(said(err), want) {
			t.Errorf("%s\nwants %q", said(err), want)
		}
	}
}

func TestNoCluster(t *testing.T) {
	f, _ := factory(t)
	_, err := open(t, f)
	if fault.KindOf(err) == 0 || !strings.Contains(err.Error(), "expected a cluster to look for Prometheus in, or the URL of one") {
		t.Errorf("kind %d: %s", fault.KindOf(err), said(err))
	}
}

func TestCredentials(t *testing.T) {
	// The headers of the last request: several are under way at a time.
	var got atomic.Pointer[http.Header]
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got.Store(&r.Header)
		w.WriteHeader(http.StatusUnauthorized)
	}))
	t.Cleanup(s.Close)
	// The kubeconfig has a token for another server: nobody else may see it.
	config := filepath.Join(t.TempDir(), "config")
	write(t, config, "apiVersion: v1\nkind: Config\ncurrent-context: c\ncontexts: [{name: c, context: {cluster: c, user: u}}]\n"+
		"clusters: [{name: c, cluster: {server: 'https://127.0.0.1:1'}}]\nusers: [{name: u, user: {token: kube}}]\n")
	token := filepath.Join(t.TempDir(), "token")
	write(t, token, "t0ken\n")
	for name, c := range map[string]struct {
		url  string
		args []string
		want string
	}{
		"nothing":            {s.URL, nil, ""},
		"a path like kube's": {s.URL + "/api/v1/namespaces/a/services/b/proxy", nil, ""},
		"token":              {s.URL, []string{"--prometheus-token-file", token}, "Bearer t0ken"},
		"user":               {strings.Replace(s.URL, "http://", "http://u:p@", 1), nil, "Basic dTpw"},
		"header":             {s.URL, []string{"--prometheus-header", "Authorization: x y"}, "x y"},
	} {
		t.Run(name, func(t *testing.T) {
			f, stderr := factory(t)
			t.Setenv("KUBECONFIG", config)
			got.Store(nil)
			_, err := open(t, f, append([]string{"--prometheus", c.url}, c.args...)...)
			if sent := got.Load(); sent == nil {
				t.Error("nothing was sent")
			} else if sent.Get("Authorization") != c.want {
				t.Errorf("Authorization %q, want %q", sent.Get("Authorization"), c.want)
			}
			if fault.KindOf(err) != fault.Failed || !strings.Contains(said(err), "--prometheus-token-file FILE") || strings.Contains(said(err)+stderr.String(), "u:p") {
				t.Error(said(err))
			}
		})
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestValidate(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"--source", "x"}, "expected auto, prometheus, envoy or file:PATH[,PATH]"},
		{[]string{"--source", "file:"}, "expected auto, prometheus, envoy or file:PATH[,PATH]"},
		{[]string{"--source", "file:a,b,c"}, "expected auto, prometheus, envoy or file:PATH[,PATH]"},
		{[]string{"--source", "envoy", "--at", "10m"}, "--at is about the past"},
		{[]string{"--source", "envoy", "--scrape-interval", "1ms"}, "expected a second at least"},
		{[]string{"--profile", "istoi"}, "did you mean --profile istio?"},
		{[]string{"--window", "-1s"}, "expected more than nothing"},
		{[]string{"--prometheus", "nonsense"}, "expected a URL or [svc:]NAMESPACE/NAME[:PORT][/PREFIX]"},
		{[]string{"--prometheus", "a/b", "--prometheus-token-file", "x"}, "go with a URL"},
		{[]string{"--prometheus-header", "nonsense"}, "expected a header as 'NAME: VALUE'"},
		{[]string{"--grpc-errors", "17"}, "17"},
	} {
		if err := parse(t, c.args...).Validate(); fault.KindOf(err) != fault.Usage || !strings.Contains(said(err), c.want) {
			t.Errorf("%v: kind %d: %s", c.args, fault.KindOf(err), said(err))
		}
	}
	for _, args := range [][]string{nil, {"--prometheus", "none"}, {"--prometheus", "http://x"}, {"--prometheus", "svc:a/b:web"}, {"--source", "file:a,b"}} {
		if err := parse(t, args...).Validate(); err != nil {
			t.Errorf("%v: %v", args, err)
		}
	}
	f, _ := factory(t)
	if _, err := open(t, f, "--prometheus", "none"); fault.KindOf(err) != fault.Usage || !strings.Contains(said(err), "--source envoy") {
		t.Error(said(err))
	}
}

func TestParseInstant(t *testing.T) {
	at := promtest.Now
	for text, want := range map[string]time.Time{
		"": at, now: at, "10m": at.Add(-10 * time.Minute), "2d": at.Add(-48 * time.Hour), "1.5h": at.Add(-90 * time.Minute),
		"1772366400": time.Unix(1772366400, 0), "1772366399.5": time.Unix(1772366399, 5e8), "2026-03-01T13:00:00+01:00": at,
	} {
		if got, err := telemetry.ParseInstant(text, at); err != nil || !got.Equal(want) {
			t.Errorf("%q: %s %v, want %s", text, got, err, want)
		}
	}
	for text, want := range map[string]string{
		"yesterday": `expected an instant, found "yesterday"`, "-10m": "expected an instant", "NaN": "expected an instant", "-1": "expected an instant",
		"2026-03-01T12:00:01Z": "expected an instant in the past, found 2026-03-01T12:00:01Z, which is 1s ahead",
	} {
		if _, err := telemetry.ParseInstant(text, at); fault.KindOf(err) != fault.Usage || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestFiles(t *testing.T) {
	dir := t.TempDir()
	before, after, other := filepath.Join(dir, "before"), filepath.Join(dir, "after"), filepath.Join(dir, "other")
	const series = `istio_requests_total{reporter="destination",response_code="200",request_protocol="http",destination_service_name="cart",destination_service_namespace="shop"} `
	write(t, before, "# TYPE istio_requests_total counter\n"+series+"100\n")
	write(t, after, "# TYPE istio_requests_total counter\n"+series+"150\n")
	write(t, other, "up 1\n")
	f, _ := factory(t)
	x, err := open(t, f, "--source", "file:"+before+","+after, "--scrape-interval", "10s")
	if err != nil {
		t.Fatal(said(err))
	}
	a, err := x.Ask(t.Context(), signals.Query{Profile: x.Profiles[0]})
	if err != nil || len(a.Vector) != 1 || a.Vector[0].Value != 5 {
		t.Errorf("%v %v", a.Vector, err)
	}
	// Without the flag they are as far apart as they were written.
	then := time.Unix(1_700_000_000, 0)
	for path, at := range map[string]time.Time{before: then, after: then.Add(25 * time.Second)} {
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
	}
	if x, err = open(t, f, "--source", "file:"+before+","+after); err != nil {
		t.Fatal(said(err))
	}
	if a, err = x.Ask(t.Context(), signals.Query{Profile: x.Profiles[0]}); err != nil || len(a.Vector) != 1 || a.Vector[0].Value != 2 {
		t.Errorf("%v %v", a.Vector, err)
	}
	// One of them may be piped in.
	f.Streams.In = strings.NewReader(series + "150\n")
	if x, err = open(t, f, "--source", "file:"+before+",-", "--scrape-interval", "10s"); err != nil {
		t.Fatal(said(err))
	}
	if a, err = x.Ask(t.Context(), signals.Query{Profile: x.Profiles[0]}); err != nil || len(a.Vector) != 1 || a.Vector[0].Value != 5 {
		t.Errorf("%v %v", a.Vector, err)
	}
	if _, err = open(t, f, "--source", "file:"+other); fault.KindOf(err) != fault.Undecided || !strings.Contains(said(err), "found 1 other metric: up") {
		t.Errorf("kind %d: %s", fault.KindOf(err), said(err))
	}
	if _, err = open(t, f, "--source", "file:"+filepath.Join(dir, "nope")); err == nil || !strings.Contains(said(err), "nope") {
		t.Error(said(err))
	}
}
