// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package detect_test

import (
	"io/fs"
	"path"
	"testing"
	"testing/fstest"

	"github.com/kubectl-micro/kubectl-micro/pkg/detect"
)

// FuzzScan puts any text into any file: nothing may panic, and what is quoted
// stands where it is said to.
func FuzzScan(f *testing.F) {
	for _, name := range trees(f) {
		archive, _, _ := open(f, name)
		for _, file := range archive.Files {
			f.Add(file.Name, file.Data)
		}
	}
	f.Add("Dockerfile", []byte("FROM scratch\nCMD [\n\\\nEXPOSE 99999999999999999999 80/udp\nENV\nENV A\nFROM a AS a\n"))
	f.Add("compose.yaml", []byte("services:\n  a: {build: ../.., ports: [{target: x}, 1]}\n  ? [x]\n  : y\n"))
	f.Add("main.py", []byte("\"\"\"\nos.environ['A']"))
	f.Fuzz(func(t *testing.T, name string, data []byte) {
		if name = path.Join("svc", name); !fs.ValidPath(name) {
			return // a tree cannot hold it
		}
		fsys := served()
		fsys[name] = &fstest.MapFile{Data: data}
		fsys["docker-compose.yml"] = &fstest.MapFile{Data: data}
		fsys["svc/Dockerfile"] = &fstest.MapFile{Data: data}
		check(t, fsys, detect.Scan(fsys, detect.Options{}))
		delete(fsys, "svc/Dockerfile") // what an image is built of counts then
		check(t, fsys, detect.Scan(fsys, detect.Options{}))
	})
}
