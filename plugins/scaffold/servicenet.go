// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package scaffold

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/app"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
)

// readPorts reads who may call it: its ports, and whether from outside.
func (r *reading) readPorts() error {
	r.one.Ports = map[string]api.SystemPort{}
	for _, text := range r.ports {
		name, p, err := app.ParsePort(text)
		if err != nil {
			return under(err, "--port")
		}
		if other, taken := r.one.Ports[name]; taken {
			return fault.Usagef("--port %s: expected a name for each port, found %s for %d too", text, name, other.Port).
				Try("--port NAME=%s", text[strings.IndexByte(text, '=')+1:])
		}
		r.one.Ports[name] = p
		r.said(patch.Join(r.at+"/ports", name), "--port "+text)
	}
	if r.expose != "" {
		host, path, hasPath := strings.Cut(r.expose, "/")
		r.one.Expose = &api.Expose{Host: host}
		if hasPath {
			r.one.Expose.Paths = []string{"/" + path}
		}
	}
	return nil
}

// readCalls reads whom it calls in the cluster. Somebody else runs them.
func (r *reading) readCalls() error {
	r.out.Backing = map[string]api.Backing{}
	for _, text := range r.calls {
		name, b, err := app.ParseBacking(text, cmp.Or(r.out.Metadata.Namespace, r.out.Metadata.Name))
		if err != nil {
			return under(err, "--depends-on")
		}
		if err := r.call(name, "--depends-on "+text); err != nil {
			return err
		}
		r.out.Backing[name] = b
		r.said(patch.Join("/backing", name), "--depends-on "+text)
	}
	return nil
}

// readExternals reads whom it calls outside of the cluster.
func (r *reading) readExternals() error {
	r.out.External = map[string]api.External{}
	for _, text := range r.externals {
		name, e, err := app.ParseExternal(text)
		if err != nil {
			return under(err, "--external")
		}
		if err := r.call(name, "--external "+text); err != nil {
			return err
		}
		r.out.External[name] = e
		r.said(patch.Join("/external", name), "--external "+text)
	}
	return nil
}

// call has the service depend on something, which no other flag names.
func (r *reading) call(name, flag string) error {
	for _, d := range r.one.DependsOn {
		if d.Service == name {
			return fault.Usagef("expected a name for each that it calls, found %s again", name).At(flag).Try("give one of them another name")
		}
	}
	r.said(fmt.Sprintf("%s/dependsOn/%d", r.at, len(r.one.DependsOn)), flag)
	r.one.DependsOn = append(r.one.DependsOn, api.Dependency{Service: name})
	return nil
}
