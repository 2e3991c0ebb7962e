// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package detect_test

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/kubectl-micro/kubectl-micro/pkg/detect"
)

// large is the shop of twelve programs, blown up to ten megabytes by files of
// about seven kilobytes that read, listen and call as much as the shop's own.
func large(t testing.TB) (fsys fstest.MapFS, size int) {
	_, fsys, _ = open(t, "testdata/shop.txtar")
	small := fstest.MapFS{}
	for name, f := range fsys {
		small[name] = f
		size += len(f.Data)
	}
	for n := 0; size < 10<<20; n++ {
		for name, f := range small {
			ext := path.Ext(name)
			if !strings.Contains(".go .js .py .java .cs", ext) || ext == "" || strings.Contains(name, "test") {
				continue
			}
			data := []byte(strings.ReplaceAll(string(f.Data), "main", fmt.Sprint("part", n)) + strings.Repeat("\tvalue = compute(value, \"other\", port) // of the import\n", 100))
			fsys[path.Join(path.Dir(name), "lib", fmt.Sprintf("part%d-%s", n, path.Base(name)))] = &fstest.MapFile{Data: data}
			size += len(data)
		}
	}
	return fsys, size
}

// BenchmarkScan reads from the disk, as the command does.
func BenchmarkScan(b *testing.B) {
	fsys, size := large(b)
	dir := b.TempDir()
	for name, f := range fsys {
		if err := os.MkdirAll(filepath.Join(dir, path.Dir(name)), 0o755); err != nil {
			b.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), f.Data, 0o644); err != nil {
			b.Fatal(err)
		}
	}
	b.SetBytes(int64(size))
	for b.Loop() {
		if d := detect.Scan(os.DirFS(dir), detect.Options{}); len(d.Services) != 12 {
			b.Fatalf("%d services of %d files", len(d.Services), len(fsys))
		}
	}
}
