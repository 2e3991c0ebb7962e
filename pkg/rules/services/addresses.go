// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package services

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

// misdialled is an address in the environment of a workload with a port that the
// Service it names does not have.
type misdialled struct {
	to   service
	host string
	port int32
	// at is the JSON Pointer of the variable's value, variable its name.
	at, variable string
	// start and end are where in the value the port is.
	start, end int
}

// items finds the items of a list, dialled reads one of them:
// "http://orders:8081/path", "user@orders:8081" or "orders:8081".
var (
	items   = regexp.MustCompile(`[^,;\s]+`)
	dialled = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9+.:-]*://)?(?:[^@/]*@)?([A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?):([0-9]{1,5})(?:[/?#].*)?$`)
)

// addressWords end the names of variables whose value is an address, though no
// scheme says so: others may be an image, a user and group, a ratio.
var addressWords = []string{"HOST", "HOSTS", "ADDR", "ADDRESS", "ADDRESSES", "ENDPOINT", "ENDPOINTS", "URL", "URI", "SERVER", "SERVERS", "TARGET", "UPSTREAM"}

func checkAddresses(w *rules.World, emit rules.Emit) {
	for _, of := range w.Workloads("") {
		for _, m := range misdialledBy(w, of) {
			f := emit(of.Object, m.at, "variable %s leads to port %d of %s, which has no such port", m.variable, m.port, m.to.Ref)
			f.Severity, f.Confidence = finding.Warning, finding.Likely
			f.Related = append(f.Related, m.to.Ref)
			f.Evidence = append(f.Evidence, finding.Evidence{Kind: "field", Of: of.Object.Where(m.at), Value: fmt.Sprintf("%s:%d", m.host, m.port)})
			f.Hint = fmt.Sprintf("%s has %s", m.to.Ref, offered(m.to))
			if p, ok := m.meant(w); ok {
				f.Hint += fmt.Sprintf(": write %s:%d", m.host, p)
			}
		}
	}
}

// misdialledBy lists the addresses in the environment of a workload that lead to
// no port.
func misdialledBy(w *rules.World, of *model.Workload) []misdialled {
	var out []misdialled
	for at, c := range of.Containers() {
		for i, e := range c.Env {
			for _, item := range items.FindAllStringIndex(e.Value, -1) {
				m := dialled.FindStringSubmatchIndex(e.Value[item[0]:item[1]])
				if m == nil {
					continue
				}
				text := func(group int) string { return e.Value[item[0]+m[2*group] : item[0]+m[2*group+1]] }
				host := text(2)
				if scheme := m[2] >= 0; !scheme && !strings.Contains(host, ".svc") && !names(e.Name) || aliased(of, host) {
					continue
				}
				number, err := strconv.ParseUint(text(3), 10, 16)
				svc, found := w.ServiceNamed(host, of.Ref.Namespace)
				if err != nil || !found || takes(svc, int32(number)) {
					continue
				}
				at := at + patch.Pointer("env", i, "value")
				out = append(out, misdialled{svc, host, int32(number), at, e.Name, item[0] + m[6], item[0] + m[7]})
			}
		}
	}
	return out
}

// takes reports whether clients of a Service may use a port. Behind a headless one
// they reach any port of the pods, and an ExternalName is somebody else's.
func takes(svc service, port int32) bool {
	s := &svc.Value.Spec
	return headless(svc) || s.Type == corev1.ServiceTypeExternalName || len(s.Ports) == 0 ||
		slices.ContainsFunc(s.Ports, func(p corev1.ServicePort) bool { return p.Port == port })
}

// names reports whether a variable by its name is an address.
func names(variable string) bool {
	upper := strings.ToUpper(variable)
	return slices.ContainsFunc(addressWords, func(word string) bool { return strings.HasSuffix(upper, word) })
}

// aliased reports whether the pods of a workload have an address of their own for
// a name.
func aliased(of *model.Workload, host string) bool {
	return slices.ContainsFunc(of.Spec().HostAliases, func(a corev1.HostAlias) bool { return slices.Contains(a.Hostnames, host) })
}

// offered says which ports a Service has: "port 80 (http)", "ports 80 (http) and 9090".
func offered(svc service) string {
	var all []string
	for _, p := range svc.Value.Spec.Ports {
		text := strconv.Itoa(int(p.Port))
		if p.Name != "" {
			text += " (" + p.Name + ")"
		}
		all = append(all, text)
	}
	if len(all) == 1 {
		return "port " + all[0]
	}
	return "ports " + anded(all)
}

// meant is the port of the Service that leads to the one that was dialled, which
// is then the pods' own; else the only one that there is.
func (m misdialled) meant(w *rules.World) (int32, bool) {
	ports := m.to.Value.Spec.Ports
	for i := range ports {
		to, _ := target(i, &ports[i])
		if to.Type == intstr.Int && to.IntVal == m.port || to.Type == intstr.String && m.named(w, to.StrVal) {
			return ports[i].Port, true
		}
	}
	return ports[0].Port, len(ports) == 1
}

// named reports whether the port that was dialled is the one of a name in the pods
// behind the Service.
func (m misdialled) named(w *rules.World, name string) bool {
	return slices.ContainsFunc(selected(w, m.to).Workloads, func(of *model.Workload) bool {
		return slices.ContainsFunc(declared(of, corev1.ProtocolTCP), func(p corev1.ContainerPort) bool {
			return p.Name == name && p.ContainerPort == m.port
		})
	})
}

// repairAddress writes the port that was meant.
func repairAddress(w *rules.World, r rules.Result) []rules.Fix {
	of, found := w.Workload(r.Object)
	value, isText := r.Text()
	if !found || !isText || of.Live() && !of.Editable() {
		return nil
	}
	for _, m := range misdialledBy(w, of) {
		if m.at != r.Pointer || !slices.Contains(r.Related, m.to.Ref) {
			continue
		}
		if port, ok := m.meant(w); ok {
			text := value[:m.start] + strconv.Itoa(int(port)) + value[m.end:]
			return []rules.Fix{r.Replace(rules.Review, fmt.Sprintf("call port %d of %s", port, m.to.Ref), text)}
		}
	}
	return nil
}
