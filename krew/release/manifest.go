// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"text/template"
)

// version is a semantic version as Krew wants it: https://semver.org with a v.
var version = regexp.MustCompile(`^v(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z][0-9A-Za-z.-]*)?$`)

func isVersion(s string) bool { return version.MatchString(s) }

// finished is the file of the manifest: Krew wants it to be called like the plugin.
const finished = "micro.yaml"

// manifest fills the template and writes it.
func (r *release) manifest(archives []archive) error {
	t, err := template.New(filepath.Base(r.template)).Option("missingkey=error").ParseFiles(r.template)
	if err != nil {
		return err
	}
	return create(filepath.Join(r.output, finished), func(w io.Writer) error {
		return t.Execute(w, struct {
			Version  string
			Archives []archive
		}{r.version, archives})
	})
}

// sums is the file of the checksums.
const sums = "checksums.txt"

// checksums writes the sums of all files, as `sha256sum --check` reads them.
func (r *release) checksums() error {
	files, err := os.ReadDir(r.output) // sorted by name
	if err != nil {
		return err
	}
	return create(filepath.Join(r.output, sums), func(w io.Writer) error {
		for _, f := range files {
			sum, err := checksum(filepath.Join(r.output, f.Name()))
			if err != nil {
				return err
			}
			if _, err := fmt.Fprintf(w, "%s  %s\n", sum, f.Name()); err != nil {
				return err
			}
		}
		return nil
	})
}
