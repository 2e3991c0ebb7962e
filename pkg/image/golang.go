// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package image

import (
	"path"
	"strings"
)

// newestGo builds modules of all older releases the way they ask for.
var newestGo = release{1, 26}

// golang builds one static program, across processors where no C is in it.
func golang(r *recipe) error {
	if r.s.Entry.Value == nil {
		return r.refuse("", "expected a main package, found none")
	}
	if to, out := r.trait("outside"); out {
		return r.refuse("have the command look at a folder that has both", "expected all modules in the folder that was scanned, found one that go.mod replaces by %s", to)
	}
	mod, err := r.goModule()
	if err != nil {
		return err
	}
	version := newestGo
	if declared, ok := parse(r.s.Version.String()); ok && declared.compare(version) > 0 {
		version = declared
	}
	toolchain, cgo := "golang:"+version.String()+"-trixie", r.is("cgo")
	if cgo {
		r.from(toolchain, "build")
	} else {
		r.native(toolchain, "build")
	}
	modules := cache("/go/pkg/mod")
	r.line("WORKDIR /src")
	if !r.is("local-modules") && !r.is("vendor") {
		r.copy("./", r.among(mod, "go.mod", "go.sum")...)
		r.run(modules, "go mod download")
	}
	r.copy("./", ".")
	main := "./" + path.Join(r.dir(), r.s.Entry.String())
	if mod != "." {
		r.line("WORKDIR %s", path.Join("/src", mod))
		main = "./" + below(mod, path.Join(r.dir(), r.s.Entry.String()))
	}
	if main == "./." {
		main = "."
	}
	const build = `go build -trimpath -ldflags="-s -w" -o /out/app `
	mounts := append(modules, cache("/root/.cache/go-build")...)
	final := "gcr.io/distroless/static-debian13:nonroot"
	if cgo {
		final = "gcr.io/distroless/cc-debian13:nonroot"
		r.run(mounts, "CGO_ENABLED=1 "+build+main)
	} else {
		r.line("ARG TARGETOS\nARG TARGETARCH")
		r.run(mounts, "CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH "+build+main)
	}
	r.from(final, "")
	r.line("WORKDIR /app")
	r.line("COPY --from=build /out/app ./app")
	r.assets()
	r.env("TMPDIR=/tmp")
	r.leave("**/*_test.go", "**/node_modules")
	r.start("/app/app")
	return nil
}

// goModule is the folder of go.mod, from the context.
func (r *recipe) goModule() (string, error) {
	for _, e := range r.s.BuildFiles {
		if path.Base(e.Value) == "go.mod" && strings.HasPrefix(r.dir()+"/", strings.TrimPrefix(path.Dir(e.Value)+"/", "./")) {
			return path.Dir(e.Value), nil
		}
	}
	return "", r.refuse("go mod init", "expected a go.mod, found none")
}
