// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"fmt"
	"maps"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

// address is a host that a workload is configured with.
type address struct {
	host string
	// port is 0 where none is said.
	port int32
	// scheme is that of a URL.
	scheme string
	// init is true when a container calls it before the sidecar is there.
	init  bool
	by    ref.Ref
	where string
	why   string
}

// outside reports whether the host can only be one outside the cluster, with a
// port to call it on.
func (a address) outside(clusterDomain string) bool {
	if _, err := netip.ParseAddr(a.host); err == nil || a.scheme == "" || a.port == 0 {
		return false
	}
	return strings.Count(a.host, ".") > 0 && !strings.HasSuffix(a.host, ".svc") && !strings.HasSuffix(a.host, ".local") && !strings.HasSuffix(a.host, clusterDomain)
}

// hostWords end the names of settings whose value is a host, without a scheme or
// a port to tell by.
var hostWords = []string{"HOST", "HOSTNAME", "ADDR", "ADDRESS", "ENDPOINT", "URL", "URI", "SERVER", "SERVICE"}

// urls finds "scheme://user@host:port", "host:port" and "host.namespace.svc" in text.
var urls = regexp.MustCompile(`(?:([a-z][a-z0-9+.-]*)://(?:[^\s/@"']*@)?)?([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)(?::(\d{1,5}))?`)

// schemePorts are the ports of schemes that leave them out.
var schemePorts = map[string]int32{"http": 80, "ws": 80, "https": 443, "wss": 443, "postgres": 5432, "postgresql": 5432, "mysql": 3306, "redis": 6379, "amqp": 5672, "mongodb": 27017}

// read finds the addresses of a text. A text that is a host as a whole counts
// when its name says that it is one.
func read(name, text string) []address {
	var out []address
	for _, m := range urls.FindAllStringSubmatch(text, -1) {
		scheme, host, number := m[1], m[2], m[3]
		whole := m[0] == text && slices.ContainsFunc(hostWords, func(word string) bool { return strings.HasSuffix(strings.ToUpper(name), word) })
		if scheme == "" && number == "" && !strings.HasSuffix(host, ".svc") && !strings.Contains(host, ".svc.") && !whole {
			continue
		}
		n, err := strconv.ParseInt(number, 10, 32)
		if err != nil || n == 0 {
			n = int64(schemePorts[scheme])
		}
		out = append(out, address{host: host, port: int32(n), scheme: scheme})
	}
	return out
}

// addresses are those of the command line, the environment and the ConfigMaps of
// a workload.
func (w *world) addresses(of *model.Workload) []address {
	var out []address
	init := false
	add := func(name, text string, by ref.Ref, where, why string) {
		for _, a := range read(name, text) {
			a.by, a.where, a.why, a.init = by, where, why, init
			out = append(out, a)
		}
	}
	for at, c := range of.Containers() {
		init = strings.HasPrefix(at, of.SpecAt()+"/initContainers/") && !model.Sidecar(c)
		for i, arg := range slices.Concat(c.Command, c.Args) {
			name, value, _ := strings.Cut(arg, "=")
			if value == "" {
				name, value = "", arg
			}
			field := patch.Pointer("command", i)
			if i >= len(c.Command) {
				field = patch.Pointer("args", i-len(c.Command))
			}
			add(name, value, of.Ref, of.Where(at+field), "an argument of container "+c.Name+" names it")
		}
		for i, e := range c.Env {
			where := of.Where(at + patch.Pointer("env", i))
			add(e.Name, e.Value, of.Ref, where, "its variable "+e.Name+" names it")
			if e.ValueFrom != nil && e.ValueFrom.ConfigMapKeyRef != nil {
				key := e.ValueFrom.ConfigMapKeyRef
				if cm, found := model.ConfigMaps.Get(w.Snapshot, of.Ref.Namespace, key.Name); found {
					add(e.Name, cm.Value.Data[key.Key], cm.Ref, cm.Where(patch.Pointer("data", key.Key)), "its variable "+e.Name+" names it, from "+cm.Ref.String())
				}
			}
		}
	}
	init = false // nobody can tell which container reads a file
	for _, name := range model.WholeConfigMaps(of.Spec()) {
		cm, found := model.ConfigMaps.Get(w.Snapshot, of.Ref.Namespace, name)
		if !found {
			continue
		}
		for _, key := range slices.Sorted(maps.Keys(cm.Value.Data)) {
			for line := range strings.Lines(cm.Value.Data[key]) {
				line = strings.TrimSpace(line)
				if strings.HasPrefix(line, "#") || strings.HasPrefix(line, "//") {
					continue
				}
				add(setting(key, line), value(line), cm.Ref, cm.Where(patch.Pointer("data", key)), fmt.Sprintf("key %s of %s names it", key, cm.Ref))
			}
		}
	}
	return out
}

// setting and value are the two sides of a line of a configuration file; of any
// other text, its key and the whole.
func setting(key, line string) string {
	if name, _, is := strings.Cut(line, "="); is {
		return strings.TrimSpace(name)
	}
	if name, _, is := strings.Cut(line, ": "); is {
		return strings.Trim(strings.TrimSpace(name), `"`)
	}
	return key
}

func value(line string) string {
	for _, sign := range []string{"=", ": "} {
		if _, rest, is := strings.Cut(line, sign); is {
			return strings.Trim(strings.TrimSpace(rest), `",;`)
		}
	}
	return strings.Trim(line, `",;`)
}
