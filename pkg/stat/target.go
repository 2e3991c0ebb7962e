// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package stat

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/signals"
)

// Versions is the word for the versions of services, which are no kind of objects.
const Versions = "version"

// kinds are what targets may be, with the grouping of their rows.
var kinds = []struct {
	word string
	kind *model.Kind
	by   signals.By
}{
	{"svc", model.Services.Kind, signals.ByService},
	{"deploy", model.Deployments.Kind, signals.ByWorkload},
	{"sts", model.StatefulSets.Kind, signals.ByWorkload},
	{"ds", model.DaemonSets.Kind, signals.ByWorkload},
	{"pod", model.Pods.Kind, signals.ByPod},
	{Versions, nil, signals.ByVersion},
	{"ns", model.Namespaces.Kind, signals.ByNamespace},
}

// Words are the kinds of targets as they are typed.
func Words() []string {
	var out []string
	for _, k := range kinds {
		out = append(out, k.word)
	}
	return out
}

// Name is one target. Word is "svc", "deploy" and so on, Namespace is empty for
// that of the command, Name for all of the kind.
type Name struct {
	Word, Namespace, Name string
}

// String is the target as it is typed.
func (n Name) String() string {
	s := n.Word
	if n.Name != "" {
		s += "/" + n.Name
	}
	if n.Namespace != "" {
		s = n.Namespace + "/" + s
	}
	return s
}

// Kind is the kind of the target, nil for versions.
func (n Name) Kind() *model.Kind {
	for _, k := range kinds {
		if k.word == n.Word {
			return k.kind
		}
	}
	return nil
}

// by is the grouping of the target's rows.
func (n Name) by() signals.By {
	for _, k := range kinds {
		if k.word == n.Word {
			return k.by
		}
	}
	return signals.ByService
}

// Workload reports whether the target is a Deployment, a StatefulSet or a DaemonSet.
func (n Name) Workload() bool { return n.by() == signals.ByWorkload }

// word returns how a kind is typed, "" for one that has no golden signals.
func word(s string) string {
	if s = strings.ToLower(s); s == Versions || s == Versions+"s" {
		return Versions
	}
	k, known := model.KindNamed(s)
	for _, have := range kinds {
		if known && have.kind == k {
			return have.word
		}
	}
	return ""
}

// ParseName reads one target: KIND/NAME, NAMESPACE/KIND/NAME, or a NAME of the kind
// that is meant where none is written.
func ParseName(s, otherwise string) (Name, error) {
	parts := strings.Split(s, "/")
	n := Name{Word: otherwise, Name: parts[len(parts)-1]}
	switch len(parts) {
	case 1:
	case 2:
		n.Word = word(parts[0])
	case 3:
		n.Namespace, n.Word = parts[0], word(parts[1])
	default:
		return n, fault.Usagef("%q is no target: expected KIND/NAME or NAMESPACE/KIND/NAME", s).Try("svc/NAME")
	}
	switch {
	case n.Name == "" || len(parts) == 3 && n.Namespace == "":
		return n, fault.Usagef("%q names nothing: expected KIND/NAME", s).Try("svc/NAME")
	case n.Word == "":
		return n, unknownKind(parts[len(parts)-2])
	}
	return n, nil
}

func unknownKind(s string) error {
	err := fault.Usagef("%q is no kind that has golden signals: expected one of %s", s, strings.Join(Words(), ", "))
	if near := ref.Closest(s, Words()); len(near) > 0 {
		return err.Try("did you mean %s?", near[0])
	}
	return err.Try("svc")
}

// ParseNames reads targets as kubectl does: a KIND alone for all of it, a KIND and
// NAMEs, or KIND/NAMEs. A first word that is no kind is a service. All have to have
// rows of one sort.
func ParseNames(args []string) ([]Name, error) {
	if len(args) == 0 {
		return []Name{{Word: "svc"}}, nil
	}
	otherwise, said := "svc", false
	if w := word(args[0]); w != "" {
		if len(args) == 1 {
			return []Name{{Word: w}}, nil
		}
		otherwise, said, args = w, true, args[1:]
	} else if _, other := model.KindNamed(args[0]); other && len(args) > 1 {
		return nil, unknownKind(args[0])
	}
	var out []Name
	for _, arg := range args {
		n, err := ParseName(arg, otherwise)
		if err != nil {
			return nil, err
		}
		first := Name{Word: otherwise}
		if len(out) > 0 {
			first = out[0]
		}
		if (said || len(out) > 0) && n.by() != first.by() {
			return nil, fault.Usagef("%s and %s have different rows: expected targets of one sort", first, n).Try("ask for them one after the other")
		}
		if !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	return out, nil
}

// candidates are names that exist, as they are typed, for what was perhaps meant.
func candidates(of Name, names []string) string {
	near := ref.Closest(of.Name, names)
	for i, name := range near {
		near[i] = Name{of.Word, of.Namespace, name}.String()
	}
	return strings.Join(near, " or ")
}

// Unknown is the error of a target that neither exists nor was measured. names are
// those of its kind, where is what was looked through.
func Unknown(n Name, namespace, where string, names []string) error {
	place := ""
	if namespace != "" {
		place = " in namespace " + namespace
	}
	if n.Word == Versions {
		n.Word = "svc" // the name is the service's
	}
	err := fault.Usagef("there is no %s%s (looked through %s)", Name{Word: n.Word, Name: n.Name}, place, where)
	if near := candidates(n, names); near != "" {
		return err.Try("did you mean %s?", near)
	}
	if len(names) == 0 {
		return err.Try("look into all namespaces: -A")
	}
	return err.Try("%s", fmt.Sprintf("see what there is: kubectl micro monitor stat %s", n.Word))
}
