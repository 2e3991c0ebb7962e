// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"runtime"
	"runtime/debug"
)

// Build says which build of the suite this is.
type Build struct {
	// Version is the release ("v0.1.0"), or "devel".
	Version string `json:"version"`
	// Commit is the revision it was built from; empty when the build did not record it.
	Commit string `json:"commit,omitempty"`
	// Date is the time of that revision, RFC 3339.
	Date string `json:"date,omitempty"`
	// Modified is true when the sources differed from the revision.
	Modified bool `json:"modified,omitempty"`
	// Go is the version of the Go tools, Platform is "os/arch".
	Go       string `json:"goVersion"`
	Platform string `json:"platform"`
}

// ReadBuild returns what the linker and the Go tools recorded. Version is the
// value a release sets with -ldflags -X; empty falls back to the module's
// version, which "go install module@version" records.
func ReadBuild(version string) Build {
	b := Build{Version: version, Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	if info, ok := debug.ReadBuildInfo(); ok {
		if b.Version == "" && info.Main.Version != "(devel)" {
			b.Version = info.Main.Version
		}
		for _, s := range info.Settings {
			switch s.Key {
			case "vcs.revision":
				b.Commit = s.Value
			case "vcs.time":
				b.Date = s.Value
			case "vcs.modified":
				b.Modified = s.Value == "true"
			}
		}
	}
	if b.Version == "" {
		b.Version = "devel"
	}
	return b
}

// UserAgent identifies the suite to the API server.
func (b Build) UserAgent() string { return binary + "/" + b.Version + " (" + b.Platform + ")" }
