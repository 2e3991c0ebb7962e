// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package report

import (
	"bytes"
	"fmt"
	"io"

	"sigs.k8s.io/yaml"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/render"
)

var (
	_ = register("json", func(w io.Writer, d *api.Diagnosis, _ Options) error { return render.Report(w, "json", d) })
	_ = register("yaml", asYAML)
	_ = register("name", names)
)

// asYAML writes what JSON would. A log may hold characters that JSON takes as
// they are and YAML only escaped: they are escaped in JSON first.
func asYAML(w io.Writer, d *api.Diagnosis, _ Options) error {
	var b bytes.Buffer
	if err := render.Report(&b, "json", d); err != nil {
		return err
	}
	out, err := yaml.JSONToYAML(printable(b.Bytes()))
	if err != nil {
		return err
	}
	_, err = w.Write(out)
	return err
}

// printable escapes in JSON what YAML calls not printable.
// https://yaml.org/spec/1.2.2/#51-character-set
func printable(data []byte) []byte {
	var b bytes.Buffer
	for _, r := range string(data) {
		switch {
		case r == 0x7f, r > 0x7f && r < 0xa0, r == 0xfeff, r == 0xfffe, r == 0xffff:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.Bytes()
}

// names writes the objects that causes are about, each once, for xargs.
func names(w io.Writer, d *api.Diagnosis, _ Options) error {
	seen := map[api.ObjectRef]bool{}
	for _, c := range d.Causes {
		if seen[c.Subject] {
			continue
		}
		seen[c.Subject] = true
		if _, err := fmt.Fprintln(w, render.Sanitise(short(c.Subject))); err != nil {
			return err
		}
	}
	return nil
}
