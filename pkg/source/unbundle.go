// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package source

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	utiljson "k8s.io/apimachinery/pkg/util/json"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
)

// What a saved Snapshot may hold: a file of a few bytes can unpack to any size.
const (
	maxBundle = 4 << 30
	maxLine   = 64 << 20 // an API server takes objects of up to 3 MiB
)

// bundle is a saved Snapshot as it was read.
type bundle struct {
	head    api.Snapshot
	objects []map[string]any
	// damage is what could not be read.
	damage []error
}

// readBundle reads a saved Snapshot. The error is about the whole of it; what is
// wrong after the head is damage.
func readBundle(name string, r io.Reader) (*bundle, error) {
	plain, err := unpacked(r)
	if err != nil {
		return nil, fault.Failedf("cannot read the saved snapshot").At(name).Because(err)
	}
	b := &bundle{}
	limited := &io.LimitedReader{R: plain, N: maxBundle}
	lines := bufio.NewScanner(limited)
	lines.Buffer(make([]byte, 0, 1<<16), maxLine)
	number := 0
	var broken error // the line before, told when another follows
	for lines.Scan() {
		number++
		line := bytes.TrimSpace(lines.Bytes())
		if number == 1 {
			if err := b.readHead(name, line); err != nil {
				return nil, err
			}
			continue
		}
		if broken != nil {
			b.damage = append(b.damage, broken)
			broken = nil
		}
		if len(line) > 0 {
			broken = b.readObject(fmt.Sprintf("%s:%d", name, number), line)
		}
	}
	err = lines.Err()
	if err == nil && limited.N <= 0 {
		err = fmt.Errorf("expected at most %d GiB, found more", maxBundle>>30)
	}
	if number == 0 {
		return nil, notBundle(name, "nothing").Because(err)
	}
	b.finish(name, number, broken, err)
	return b, nil
}

// unpacked decompresses what is compressed.
func unpacked(r io.Reader) (io.Reader, error) {
	in := bufio.NewReaderSize(r, 1<<16)
	if magic, _ := in.Peek(2); !bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		return in, nil // an error of reading comes up again
	}
	return gzip.NewReader(in)
}

func notBundle(name, found string) *fault.Error {
	return fault.Failedf("expected a saved snapshot (apiVersion %s, kind %s), found %s", api.Version, api.KindSnapshot, found).At(name)
}

// readHead takes only heads of its own version.
func (b *bundle) readHead(name string, line []byte) error {
	var head api.TypeMeta
	if err := json.Unmarshal(line, &head); err != nil {
		return notBundle(name, "no JSON object on the first line").Try("manifests are read with -f: -f %s", name)
	}
	if head != api.Type(api.KindSnapshot) {
		e := notBundle(name, fmt.Sprintf("apiVersion %q, kind %q", head.APIVersion, head.Kind))
		group, _, _ := strings.Cut(api.Version, "/")
		var by struct{ Version string }
		if json.Unmarshal(line, &by) == nil && by.Version != "" && strings.HasPrefix(head.APIVersion, group+"/") {
			return e.Try("it was saved by kubectl micro %s: use that version, or save it anew with this one", by.Version)
		}
		return e.Try("manifests are read with -f: -f %s", name)
	}
	if err := json.Unmarshal(line, &b.head); err != nil {
		return fault.Failedf("cannot read the head of the saved snapshot").At(name + ":1").Because(err).Try("save it anew")
	}
	return nil
}

func (b *bundle) readObject(where string, line []byte) error {
	var raw map[string]any
	if err := utiljson.Unmarshal(line, &raw); err != nil {
		return fault.Failedf("expected an object on this line of the saved snapshot, found broken JSON").At(where).Because(err)
	}
	apiVersion, _ := raw["apiVersion"].(string)
	kind, _ := raw["kind"].(string)
	if _, ok := raw["metadata"].(map[string]any); apiVersion == "" || kind == "" || !ok {
		return fault.Failedf("expected an object with apiVersion, kind and metadata on this line of the saved snapshot, found none").At(where)
	}
	b.objects = append(b.objects, raw)
	return nil
}

// finish decides whether the file was cut off: reading failed, or lines are
// missing. Then the last line is broken for that reason.
func (b *bundle) finish(name string, number int, broken, err error) {
	found := len(b.objects) + len(b.damage)
	if broken != nil && (err == nil && found+1 >= b.head.Objects) {
		b.damage = append(b.damage, broken)
		return
	}
	if err == nil && broken == nil && found >= b.head.Objects {
		return
	}
	e := fault.Failedf("expected %d objects in the saved snapshot, found %d: it ends early or is damaged after line %d",
		b.head.Objects, len(b.objects), number).At(fmt.Sprintf("%s:%d", name, number)).Try("copy the file again, or save it anew")
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		e.Because(err)
	}
	b.damage = append(b.damage, e)
}
