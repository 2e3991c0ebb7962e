// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package dockerfile has BuildKit, which builds images for Docker, check the
// Dockerfiles of the repository: those that the scaffold writes and those of the
// examples. It is a module of its own, as BuildKit asks for newer libraries of
// Kubernetes than other linters can bear.
package dockerfile

import (
	"context"
	"fmt"

	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/client/llb/sourceresolver"
	"github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb"
	"github.com/moby/buildkit/solver/pb"
	"github.com/opencontainers/go-digest"
)

// Warning is what BuildKit has against a Dockerfile.
type Warning struct {
	// Rule is BuildKit's name of the check, or "Error" where the file cannot be built.
	Rule string
	// Line is where, from 1; 0 for the whole file.
	Line int
	// Text is in BuildKit's words.
	Text string
}

func (w Warning) String() string { return fmt.Sprintf("line %d: %s: %s", w.Line, w.Rule, w.Text) }

// directive asks for all checks. A file with a directive of its own, which could
// switch checks off, is refused by BuildKit for having two.
const directive = "# check=experimental=all\n"

// Lint runs all checks, the experimental ones too, on all stages. Nothing is built
// and no registry is asked.
func Lint(ctx context.Context, text []byte) ([]Warning, error) {
	text = append([]byte(directive), text...)
	from := llb.NewSourceMap(nil, "Dockerfile", "Dockerfile", text)
	from.Definition = &llb.Definition{} // where it came from, which nobody asks
	results, err := dockerfile2llb.DockerfileLint(ctx, text, dockerfile2llb.ConvertOpt{SourceMap: from, MetaResolver: offline{}})
	if err != nil {
		return nil, err
	}
	var out []Warning
	if e := results.Error; e != nil {
		out = append(out, Warning{Rule: "Error", Line: line(&e.Location), Text: e.Message})
	}
	for _, w := range results.Warnings {
		out = append(out, Warning{Rule: w.RuleName, Line: line(w.Location), Text: w.Detail})
	}
	return out, nil
}

// line is where a location begins, without the directive.
func line(at *pb.Location) int {
	if len(at.GetRanges()) == 0 {
		return 0
	}
	return int(at.GetRanges()[0].GetStart().GetLine()) - 1
}

// offline knows nothing of any image.
type offline struct{}

// ResolveImageConfig implements sourceresolver.ImageMetaResolver.
func (offline) ResolveImageConfig(_ context.Context, ref string, _ sourceresolver.Opt) (string, digest.Digest, []byte, error) {
	return ref, "", []byte(`{"architecture":"amd64","os":"linux"}`), nil
}
