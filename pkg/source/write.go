// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package source

import (
	"bytes"
	"context"
	"io"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/manifest"
)

// Print writes all streams, one after the other, with edits. Documents without
// an edit come out byte for byte.
func (f *Files) Print(ctx context.Context, w io.Writer, edits ...manifest.Edit) error {
	if err := f.open(ctx, false); err != nil {
		return err
	}
	results, err := f.edited(edits)
	if err != nil {
		return err
	}
	var last []byte
	for i, data := range results {
		if data == nil {
			data = f.inputs[i].data
		}
		if len(data) == 0 || f.inputs[i].text != nil {
			continue
		}
		if last != nil {
			data = bytes.TrimPrefix(data, []byte("\xEF\xBB\xBF"))
			if _, err := io.WriteString(w, seam(last, data)); err != nil {
				return err
			}
		}
		if _, err := w.Write(data); err != nil {
			return err
		}
		last = data
	}
	return nil
}

// seam is what must stand between two streams for them to be one.
func seam(last, next []byte) string {
	s := ""
	if !bytes.HasSuffix(last, []byte("\n")) {
		s = "\n"
	}
	switch {
	case bytes.HasPrefix(next, []byte("---")):
		return s
	case bytes.HasPrefix(next, []byte("%")): // a directive must follow an end
		return s + "...\n"
	}
	return s + "---\n"
}

// edited returns the new bytes of each stream, nil where nothing changes.
func (f *Files) edited(edits []manifest.Edit) ([][]byte, error) {
	home := map[*manifest.Document]int{}
	for i, in := range f.inputs {
		if in.stream == nil {
			continue
		}
		for _, d := range in.stream.Docs {
			home[d] = i
		}
	}
	perStream := make([][]manifest.Edit, len(f.inputs))
	for _, e := range edits {
		i, known := home[e.Object.Doc]
		if !known {
			return nil, fault.Failedf("expected an object of the manifests, found one of another source").At(e.Object.Where(""))
		}
		perStream[i] = append(perStream[i], e)
	}
	out := make([][]byte, len(f.inputs))
	for i, in := range f.inputs {
		if len(perStream[i]) == 0 {
			continue
		}
		data, err := in.stream.Edit(perStream[i]...)
		if err != nil {
			return nil, err
		}
		if !bytes.Equal(data, in.data) {
			out[i] = data
		}
	}
	return out, nil
}
