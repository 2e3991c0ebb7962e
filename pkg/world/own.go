// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package world

import (
	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
)

// own are the kinds of files that are read by another command: what they are called,
// and the command that makes objects of them.
var own = map[string][2]string{
	api.KindSystem:         {"an app file", "kubectl micro scaffold generate -f %s"},
	api.KindServiceIntents: {"a file of intents", "kubectl micro secure plan -f %s"},
}

// ours is an error where files hold nothing but what this suite reads as something
// else: of an app file, "nothing found" would be said of no object at all.
func ours(seen *Seen) error {
	objects := seen.Objects()
	if len(objects) == 0 || len(seen.Texts) > 0 || len(seen.Unread) > 0 {
		return nil
	}
	for _, o := range objects {
		if _, is := own[o.Ref.Kind]; !is || o.Ref.APIVersion() != api.Version || o.Source == nil {
			return nil
		}
	}
	first := objects[0]
	what := own[first.Ref.Kind]
	file := first.Source.Doc.File
	if file == "<stdin>" {
		file = "-"
	}
	return fault.Usagef("expected objects of Kubernetes, found %s (kind %s)", what[0], first.Ref.Kind).
		At(first.Where("")).Try(what[1], cli.Quote(file))
}
