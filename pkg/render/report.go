// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package render

import (
	"bytes"
	"encoding/json"
	"io"

	"sigs.k8s.io/yaml"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
)

// APIVersion is the version every report of the suite carries.
const APIVersion = "kubectl-micro.dev/v1alpha1"

// Report prints a report as "json" or "yaml". The report is one of the suite's
// own shapes, a struct whose JSON has apiVersion and kind first of all; a
// value without them is an error, so that no unversioned output can escape.
// JSON keeps the order of the struct's fields and indents by four blanks, as
// kubectl does; YAML sorts keys, as kubectl does too.
func Report(w io.Writer, format string, report any) error {
	var b bytes.Buffer
	if err := writeJSON(&b, report, "    "); err != nil {
		return err
	}
	var head struct{ APIVersion, Kind string }
	if err := json.Unmarshal(b.Bytes(), &head); err != nil || head.APIVersion != APIVersion || head.Kind == "" {
		return fault.Failedf("report %T has apiVersion %q and kind %q; it needs %s and a kind", report, head.APIVersion, head.Kind, APIVersion)
	}
	out := b.Bytes()
	switch format {
	case "json":
	case "yaml":
		var err error
		if out, err = yaml.JSONToYAML(out); err != nil {
			return fault.Wrap(fault.Failed, err, "encode %s as YAML", head.Kind)
		}
	default:
		return fault.Usagef("output format %q is not known for a %s", format, head.Kind).Try("-o json | yaml")
	}
	_, err := w.Write(out)
	return err
}
