// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"debug/buildinfo"
	"encoding/json"
	"io"
	"path/filepath"
	"runtime/debug"
	"strings"
	"time"
)

// document is the part of SPDX 2.3 that says which modules a program is made of.
// https://spdx.github.io/spdx-spec/v2.3
type document struct {
	Version       string         `json:"spdxVersion"`
	License       string         `json:"dataLicense"`
	ID            string         `json:"SPDXID"`
	Name          string         `json:"name"`
	Namespace     string         `json:"documentNamespace"`
	Creation      creation       `json:"creationInfo"`
	Packages      []component    `json:"packages"`
	Relationships []relationship `json:"relationships"`
}

type creation struct {
	Created  string   `json:"created"`
	Creators []string `json:"creators"`
}

type component struct {
	ID        string     `json:"SPDXID"`
	Name      string     `json:"name"`
	Version   string     `json:"versionInfo"`
	Download  string     `json:"downloadLocation"`
	Analysed  bool       `json:"filesAnalyzed"`
	Concluded string     `json:"licenseConcluded"`
	Declared  string     `json:"licenseDeclared"`
	Copyright string     `json:"copyrightText"`
	Refs      []external `json:"externalRefs"`
}

type external struct {
	Category string `json:"referenceCategory"`
	Type     string `json:"referenceType"`
	Locator  string `json:"referenceLocator"`
}

type relationship struct {
	From string `json:"spdxElementId"`
	Type string `json:"relationshipType"`
	To   string `json:"relatedSpdxElement"`
}

// unasserted is SPDX's word for what was not looked at.
const unasserted = "NOASSERTION"

// bill writes the list of a program's modules as the linker left it in the
// program: what is in the binary, not what a module file would allow.
func (r *release) bill(program, name string) error {
	info, err := buildinfo.ReadFile(program)
	if err != nil {
		return err
	}
	return create(filepath.Join(r.output, name+".spdx.json"), func(w io.Writer) error {
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		return e.Encode(r.document(info, name))
	})
}

// document lists the modules of a program.
func (r *release) document(info *debug.BuildInfo, name string) document {
	d := document{
		Version: "SPDX-2.3", License: "CC0-1.0", ID: "SPDXRef-DOCUMENT", Name: name,
		Namespace: r.url + "/" + r.version + "/" + name + ".spdx.json",
		Creation:  creation{r.time.Format(time.RFC3339), []string{"Tool: kubectl-micro-release"}},
	}
	main := info.Main
	main.Version = r.version
	d.add("DESCRIBES", d.ID, main, "Apache-2.0")
	for _, m := range info.Deps {
		d.add("DEPENDS_ON", d.Packages[0].ID, *cmp.Or(m.Replace, m), unasserted)
	}
	d.add("DEPENDS_ON", d.Packages[0].ID, debug.Module{Path: "std", Version: info.GoVersion}, "BSD-3-Clause")
	return d
}

// add adds a module and how the element from is related to it.
func (d *document) add(relation, from string, m debug.Module, license string) {
	id := "SPDXRef-" + idChars.Replace(m.Path+"-"+m.Version)
	d.Packages = append(d.Packages, component{
		ID: id, Name: m.Path, Version: m.Version, Download: unasserted, Concluded: unasserted, Declared: license, Copyright: unasserted,
		Refs: []external{{"PACKAGE-MANAGER", "purl", "pkg:golang/" + m.Path + "@" + strings.ReplaceAll(m.Version, "+", "%2B")}},
	})
	d.Relationships = append(d.Relationships, relationship{from, relation, id})
}

// idChars replaces what an identifier of SPDX must not hold.
var idChars = strings.NewReplacer("/", "-", "_", "-", "~", "-", "+", "-")
