// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package dockerfile reads Dockerfiles: instructions with their flags, places
// and here-documents, and the stages that they make. It is a reader for those
// who look and not for those who build, so that it never fails: what is no
// instruction is left out.
//
// The format is that of https://docs.docker.com/reference/dockerfile/.
package dockerfile

import (
	"encoding/json"
	"path"
	"strings"
)

// File is a Dockerfile.
type File struct {
	// Instructions are in the order of the file.
	Instructions []Instruction
}

// Instruction is one of a Dockerfile, put together from its lines.
type Instruction struct {
	// Word is the instruction in upper case: "FROM", "RUN".
	Word string
	// Flags are the options before the arguments: --from=build, --mount=type=cache.
	Flags []Flag
	// Text is what follows, the lines joined by blanks, as it stands.
	Text string
	// Lines are those it is written on, without comments between them.
	Lines []Line
	// Heredocs are the here-documents that it reads.
	Heredocs []Heredoc
}

// Flag is an option of an instruction; the value may be empty.
type Flag struct{ Name, Value string }

// Line is one of a file. The number counts from 1.
type Line struct {
	Number int
	Text   string
}

// Heredoc is a here-document: the name of its end, and the lines of its body.
type Heredoc struct {
	Name  string
	Lines []Line
}

// Pair is a name with a value, of ENV, ARG or LABEL.
type Pair struct {
	Name, Value string
	// Given is false for ARG NAME, which has no value until the build gives one.
	Given bool
	// Literal is the pair as it is written.
	Literal string
}

// Stage is a FROM with all up to the next one.
type Stage struct {
	// Image is the base, which may be the name of another stage; Name is that of
	// this one, empty without any.
	Image, Name string
	// Instructions begin with the FROM.
	Instructions []Instruction
}

// Named reports whether a file is called as Dockerfiles are: Dockerfile,
// Containerfile, Dockerfile.dev, api.Dockerfile.
func Named(file string) bool {
	base := strings.ToLower(path.Base(file))
	for _, word := range []string{"dockerfile", "containerfile"} {
		if base == word || strings.HasPrefix(base, word+".") && !strings.HasSuffix(base, ".dockerignore") || strings.HasSuffix(base, "."+word) {
			return true
		}
	}
	return false
}

// Place is the line and column, both from 1, on which a literal stands; the
// beginning of the instruction when it is spelled otherwise.
func (i Instruction) Place(literal string) (line, column int) {
	for _, l := range i.Lines {
		if at := strings.Index(l.Text, literal); at >= 0 && literal != "" {
			return l.Number, at + 1
		}
	}
	for _, h := range i.Heredocs {
		for _, l := range h.Lines {
			if at := strings.Index(l.Text, literal); at >= 0 && literal != "" {
				return l.Number, at + 1
			}
		}
	}
	first := i.Lines[0].Text
	return i.Lines[0].Number, len(first) - len(strings.TrimLeft(first, " \t")) + 1
}

// Flag returns the value of the first flag with a name.
func (i Instruction) Flag(name string) (string, bool) {
	for _, f := range i.Flags {
		if f.Name == name {
			return f.Value, true
		}
	}
	return "", false
}

// Exec is the words of an exec form, ["a", "b"]; false for a shell form.
func (i Instruction) Exec() ([]string, bool) {
	var words []string
	if !strings.HasPrefix(i.Text, "[") || json.Unmarshal([]byte(i.Text), &words) != nil {
		return nil, false
	}
	return words, true
}

// Pairs are the names and values of ENV, ARG and LABEL, of both forms: NAME=VALUE
// many times, and ENV NAME VALUE.
func (i Instruction) Pairs() []Pair {
	words := split(i.Text)
	if len(words) == 0 {
		return nil
	}
	if !strings.Contains(words[0], "=") && i.Word != "ARG" {
		name, value, given := strings.Cut(i.Text, " ")
		return []Pair{{Name: name, Value: unquote(strings.TrimSpace(value)), Given: given, Literal: i.Text}}
	}
	var out []Pair
	for _, word := range words {
		name, value, given := strings.Cut(word, "=")
		out = append(out, Pair{Name: unquote(name), Value: unquote(value), Given: given, Literal: word})
	}
	return out
}

// Stages splits the instructions at FROM. What is before the first one, ARG, is
// in none.
func (f *File) Stages() []Stage {
	var out []Stage
	for _, i := range f.Instructions {
		if i.Word == "FROM" {
			s := Stage{}
			if words := strings.Fields(i.Text); len(words) > 0 {
				s.Image = words[0]
				if len(words) >= 3 && strings.EqualFold(words[1], "as") {
					s.Name = words[2]
				}
			}
			out = append(out, s)
		}
		if n := len(out); n > 0 {
			out[n-1].Instructions = append(out[n-1].Instructions, i)
		}
	}
	return out
}

// Lineage is the last of some stages and those it is built FROM, the last one
// first; nil without stages.
func Lineage(stages []Stage) []Stage {
	if len(stages) == 0 {
		return nil
	}
	at := len(stages) - 1
	out := []Stage{stages[at]}
	for earlier := at - 1; earlier >= 0; earlier-- {
		if name := stages[earlier].Name; name != "" && strings.EqualFold(name, stages[at].Image) {
			at, out = earlier, append(out, stages[earlier])
		}
	}
	return out
}
