// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Command release makes what a release consists of: an archive for each platform,
// what is in it (SBOM), the checksums of all, and the manifest for Krew.
//
// The same sources give the same archives on every machine: the Go release of go.mod
// compiles them, paths are trimmed from the programs, files in archives have no owner
// and one fixed time, and lists are sorted. What an archive holds, and so its
// checksum in the manifest, depends on the sources of the program, the licence and
// the version, and on nothing else: not on the commit. The manifest can be committed
// before the release is tagged.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// platforms are those that Krew users have, by their share in krew-index.
const platforms = "linux/amd64,linux/arm64,darwin/amd64,darwin/arm64,windows/amd64,windows/arm64"

// download is where releases are.
const download = "https://github.com/kubectl-micro/kubectl-micro/releases/download"

func main() {
	var r release
	var wanted, stamp string
	flag.StringVar(&r.version, "version", "", "the release, with a v in front: v0.1.0")
	flag.StringVar(&r.output, "output", "dist", "directory to write to")
	flag.StringVar(&r.url, "url", download, "where releases are downloaded from")
	flag.StringVar(&r.template, "template", "krew/micro.yaml", "the template of the manifest")
	flag.StringVar(&wanted, "platforms", platforms, "operating systems and architectures, separated by commas")
	flag.StringVar(&stamp, "time", os.Getenv("SOURCE_DATE_EPOCH"), "time of the release in seconds since 1970, for SBOMs: the commit's")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	err := r.fill(wanted, stamp)
	if err == nil {
		err = r.run(ctx)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		stop()
		os.Exit(1)
	}
}

// release is what is to be made.
type release struct {
	version, output, url, template string
	// time is the release's, in SBOMs.
	time      time.Time
	platforms []platform
}

// fill reads what flags hold as text.
func (r *release) fill(wanted, stamp string) error {
	if !isVersion(r.version) {
		return fmt.Errorf("-version %q: expected a semantic version with a v in front, such as v0.1.0", r.version)
	}
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil {
		return fmt.Errorf("-time %q: expected seconds since 1970, such as those of `git log -1 --format=%%ct`", stamp)
	}
	r.time = time.Unix(seconds, 0).UTC()
	for one := range strings.SplitSeq(wanted, ",") {
		system, arch, ok := strings.Cut(one, "/")
		if !ok || system == "" || arch == "" {
			return fmt.Errorf("-platforms %q: expected OS/ARCH, such as linux/amd64", one)
		}
		r.platforms = append(r.platforms, platform{system, arch})
	}
	return nil
}

// run makes the release.
func (r *release) run(ctx context.Context) error {
	compiler, err := toolchain(ctx)
	if err != nil {
		return err
	}
	if mine := runtime.Version(); mine != compiler { // another one compresses otherwise
		return fmt.Errorf("expected to be compiled by %s, which go.mod names, found %s; try: GOTOOLCHAIN=%s go run ./krew/release", compiler, mine, compiler)
	}
	if err := r.empty(); err != nil {
		return err
	}
	var archives []archive
	for _, p := range r.platforms {
		fmt.Fprintf(os.Stderr, "%s %s\n", r.version, p)
		a, err := r.archive(ctx, compiler, p)
		if err != nil {
			return fmt.Errorf("%s: %w", p, err)
		}
		archives = append(archives, a)
	}
	if err := r.manifest(archives); err != nil {
		return err
	}
	return r.checksums()
}

// empty makes the directory for a release: a file that stayed from another one would
// be released with it. A directory with anything else in it is not ours.
func (r *release) empty() error {
	entries, err := os.ReadDir(r.output)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, e := range entries {
		if name := e.Name(); e.IsDir() || !strings.HasPrefix(name, "kubectl-micro_v") && name != finished && name != sums {
			return fmt.Errorf("-output %s: expected an empty directory or the last release, found %s in it", r.output, name)
		}
	}
	for _, e := range entries {
		if err := os.Remove(filepath.Join(r.output, e.Name())); err != nil {
			return err
		}
	}
	return os.MkdirAll(r.output, 0o755)
}
