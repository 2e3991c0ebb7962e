// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package model_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
)

func TestTextNamed(t *testing.T) {
	for name, want := range map[string]model.TextKind{
		"Dockerfile": model.Dockerfile, "a/b/api.Dockerfile": model.Dockerfile, "Containerfile": model.Dockerfile, "Dockerfile.dev": model.Dockerfile,
		".dockerignore": model.IgnoreFile, "a/Dockerfile.dockerignore": model.IgnoreFile,
		"Jenkinsfile": model.Pipeline, "ci/Jenkinsfile.release": model.Pipeline, "a.jenkinsfile": model.Pipeline, ".gitlab-ci.yml": model.Pipeline,
		".github/workflows/a.yml": model.Pipeline, "x/.github/workflows/a.yaml": model.Pipeline,
		"deploy.sh": model.Script, "a.bash": model.Script,
		"a.yaml": "", "gitlab-ci.yml": "", "github/workflows/a.yml": "", ".github/workflows/a.md": "", "sh": "", "-": "", "Jenkinsfiles": "",
	} {
		if got := model.TextNamed(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

func TestTextLike(t *testing.T) {
	for text, want := range map[string]model.TextKind{
		"# x\nARG V=1\nFROM node:$V\nUSER 1\n": model.Dockerfile,
		"from node\ncmd a\n":                   model.Dockerfile,
		"FROM node\n":                          "", // a word and another: not enough
		"from: a\nto: b\n":                     "",
		"RUN a\nFROM b\nRUN c\n":               "",
		"#!/bin/sh\nls\n":                      model.Script,
		"#!/usr/bin/env bash\nls\n":            model.Script,
		"#!/usr/bin/env python3\n":             "",
		"// x\npipeline {\n  agent any\n}\n":   model.Pipeline,
		"node('linux') {\n}\n":                 model.Pipeline,
		"apiVersion: v1\nkind: Pod\n":          "",
		"FROM a\nRUN \x00\n":                   "",
		"FROM a\nRUN \xff\n":                   "",
		"":                                     "",
	} {
		if got := model.TextLike([]byte(text)); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestText(t *testing.T) {
	text := &model.Text{Path: "a/Dockerfile", Kind: model.Dockerfile, Data: []byte("FROM a\r\n\nUSER 1\n")}
	if diff := cmp.Diff([]string{"FROM a", "", "USER 1"}, text.Lines()); diff != "" {
		t.Error(diff)
	}
	o := text.Object()
	if o.Ref != text.Ref() || o.Live() || o.Where("") != "File a/Dockerfile" || text.Where(3, 1) != "a/Dockerfile:3:1" {
		t.Errorf("%v, live %t, at %s and %s", o.Ref, o.Live(), o.Where(""), text.Where(3, 1))
	}
}
