// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package manifest reads streams of Kubernetes manifests (YAML and JSON, any
// number of documents) with the place of every field, and applies JSON Patch
// operations to the bytes of the stream, so that comments, key order, quoting,
// blank lines, line endings and everything else outside the changed leaves stay
// as they were written.
//
// Reading has three stages of rising cost: Split finds the documents by a scan
// of lines, Document.Sniff looks at the top-level apiVersion and kind without
// parsing, Document.Objects parses. Values are decoded as kubectl decodes them:
// the YAML 1.1 rules of sigs.k8s.io/yaml, then int64 for whole numbers.
package manifest

import (
	"bytes"
	"fmt"
	"unicode/utf8"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
)

// MaxSize is the largest stream Split accepts, in bytes.
const MaxSize = 256 << 20

// Stream is one file or standard input, cut into documents.
type Stream struct {
	// File is the name shown to people; standard input ("-") is "<stdin>".
	File string
	// Docs are the documents in the order of the stream, blank ones included.
	Docs []*Document

	data []byte
}

// Split cuts data into documents: at YAML separators, and between JSON values
// that follow each other. Nothing is parsed, so a broken document does not
// hide the others. The stream keeps data, which the caller must not modify.
//
// The error, a *fault.Error of kind Failed, is about the file as a whole: it is
// larger than MaxSize, binary, or in another encoding than UTF-8.
func Split(file string, data []byte) (*Stream, error) {
	if file == "-" {
		file = "<stdin>"
	}
	if err := checkText(file, data); err != nil {
		return nil, err
	}
	s := &Stream{File: file, data: data}
	c := cutter{stream: s, data: data, line: 1}
	c.cut()
	return s, nil
}

func checkText(file string, data []byte) error {
	if len(data) > MaxSize {
		return fault.Failedf("expected at most %d MiB of manifests, found %d MiB", MaxSize>>20, len(data)>>20).
			At(file).Try("split the file, or read only the objects you need")
	}
	if bytes.HasPrefix(data, []byte{0xFF, 0xFE}) || bytes.HasPrefix(data, []byte{0xFE, 0xFF}) {
		return fault.Failedf("expected UTF-8 text, found UTF-16").
			At(file+":1:1").Try("iconv -f UTF-16 -t UTF-8 %s", file)
	}
	if i := bytes.IndexByte(data, 0); i >= 0 {
		return fault.Failedf("expected YAML or JSON text, found a NUL byte at offset %d: the file is binary or not UTF-8", i).
			At(where(file, data, i))
	}
	if !utf8.Valid(data) {
		i := invalidUTF8(data)
		return fault.Failedf("expected UTF-8 text, found the invalid byte 0x%02x at offset %d: the file is binary or in another encoding", data[i], i).
			At(where(file, data, i))
	}
	return nil
}

func invalidUTF8(data []byte) int {
	for i := 0; i < len(data); {
		r, n := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return 0
}

// where is "file:line:col" of an offset; only for errors, it counts from the top.
func where(file string, data []byte, offset int) string {
	line := bytes.Count(data[:offset], newline) + 1
	col := offset - bytes.LastIndexByte(data[:offset], '\n')
	return fmt.Sprintf("%s:%d:%d", file, line, col)
}

var (
	newline = []byte("\n")
	bom     = []byte("\xEF\xBB\xBF")
)
