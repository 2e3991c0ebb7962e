// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package security

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

// reference is a place in a pod template that names a Service: the workload is
// a caller of it, as far as anybody can know from objects.
type reference struct {
	By *model.Workload
	// At is the JSON Pointer of the place.
	At   string
	Port int32
}

// address finds "//orders", "orders:8080", "orders.shop.svc" in a text.
var address = regexp.MustCompile(`(//)?([a-z0-9]([-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*)(?::([0-9]+))?`)

// references files what environment variables and arguments of workloads name
// under the Services they mean.
func references(w *rules.World) map[string][]reference {
	out := map[string][]reference{}
	for _, of := range w.Workloads("") {
		for i, c := range of.Spec().Containers {
			at := of.SpecAt() + patch.Pointer("containers", i)
			for j, e := range c.Env {
				note(w, out, of, at+patch.Pointer("env", j, "value"), e.Value)
			}
			for field, list := range map[string][]string{"args": c.Args, "command": c.Command} {
				for j, text := range list {
					note(w, out, of, at+patch.Pointer(field, j), text)
				}
			}
		}
	}
	for _, list := range out {
		slices.SortStableFunc(list, func(a, b reference) int { return strings.Compare(a.By.Ref.String()+a.At, b.By.Ref.String()+b.At) })
	}
	return out
}

func note(w *rules.World, into map[string][]reference, of *model.Workload, at, text string) {
	for _, m := range address.FindAllStringSubmatch(text, -1) {
		slashes, host, port := m[1], m[2], m[5]
		if slashes == "" && port == "" && !strings.Contains(host, ".") {
			continue // any word
		}
		if svc, found := w.ServiceNamed(host, of.Ref.Namespace); found {
			n, _ := strconv.ParseInt(port, 10, 32)
			key := svc.Ref.String()
			into[key] = append(into[key], reference{By: of, At: at, Port: int32(n)})
		}
	}
}
