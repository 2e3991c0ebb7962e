// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package telemetry

import (
	"io"
	"os"
	"time"

	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/scrape"
)

// standardInput is the path that stands for it.
const standardInput = "-"

// dumps opens files. Without --at, a file with times is looked at where it ends.
func (x *Feed) dumps(f *cli.Factory, flags *Flags) error {
	files := &scrape.Files{Paths: flags.files(), Read: reader(f.Streams.In), Written: written, At: x.At}
	if flags.At == "" && len(files.Paths) == 1 {
		files.At = time.Time{}
	}
	if flags.apart() {
		files.Apart = flags.Scrape
	}
	x.Source, x.Name = files, flags.Source
	names, err := files.Names()
	if err != nil {
		return err
	}
	if x.Profiles = choose(flags.Profile, names); len(x.Profiles) > 0 {
		return nil
	}
	return fault.New(fault.Undecided, "expected metrics of requests (%s) in %s, found %s", requests(flags.Profile), x.Name, sample(names))
}

// reader reads files, and standard input, which is there only once.
func reader(in io.Reader) func(path string) ([]byte, error) {
	var piped []byte
	return func(path string) ([]byte, error) {
		if path != standardInput {
			return os.ReadFile(path)
		}
		if piped == nil {
			var err error
			if piped, err = io.ReadAll(in); err != nil {
				return nil, fault.Failedf("cannot read standard input").Because(err)
			}
		}
		return piped, nil
	}
}

func written(path string) (time.Time, error) {
	if path == standardInput {
		return time.Time{}, fault.Usagef("standard input does not say when it was written").Try("--scrape-interval 10s says how far apart the two are")
	}
	info, err := os.Stat(path)
	if err != nil {
		return time.Time{}, err
	}
	return info.ModTime(), nil
}
