// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package canary

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/traffic"
)

// Annotation holds the sessions of a route object, a JSON list with one for
// each service whose canary it carries. It is written in the same patch as the
// weights, so that the two can never disagree after a crash.
const Annotation = "kubectl-micro.dev/session"

// maxSession is the most bytes a session may have: objects are read by many,
// and all annotations together may have 256 KiB.
const maxSession = 8 << 10

// Session is what we remember about the canary on one route object: enough to
// say what runs and to take back exactly our own leaves.
type Session struct {
	Version int       `json:"v"`
	Service string    `json:"service"` // namespace/name
	Stable  Endpoint  `json:"stable"`
	Canary  Endpoint  `json:"canary"`
	Weight  string    `json:"weight"` // percent
	Began   time.Time `json:"began"`
	Since   time.Time `json:"since"` // the last write
	Seq     int       `json:"seq"`
	By      string    `json:"by,omitempty"`
	Routes  []Touched `json:"routes"`
}

// Endpoint is a backend in a session.
type Endpoint struct {
	Host   string `json:"host"`
	Subset string `json:"subset,omitempty"`
}

func (e Endpoint) backend() traffic.Backend { return traffic.Backend{Host: e.Host, Subset: e.Subset} }

func endpoint(b traffic.Backend) Endpoint { return Endpoint{b.Host, b.Subset} }

// Touched is one route whose weights we wrote.
type Touched struct {
	// At is where the route was, for people; ID is its fingerprint.
	At   string  `json:"at"`
	ID   string  `json:"id"`
	Legs []Wrote `json:"legs"`
}

// Wrote is one leg's weight before the session and after our last write.
type Wrote struct {
	Endpoint
	// Before is the weight as it stood, nil where the field was left out.
	Before *int `json:"before"`
	// Wrote is our value; Added is true when the whole leg is ours.
	Wrote int  `json:"wrote"`
	Added bool `json:"added,omitempty"`
}

// sessions are those of one object, in the order of their services.
type sessions []Session

// sessionsOf reads an object's sessions; none is no error. Sessions that cannot
// be read are: overwriting them would lose the way back.
func sessionsOf(o *model.Object) (sessions, error) {
	value, found := annotation(o)
	if !found {
		return nil, nil
	}
	text, _ := value.(string)
	list, err := parseSessions(text)
	if err != nil {
		return nil, fault.Failedf("annotation %s of %s is not a session of this version", Annotation, o.Ref).
			At(o.Where(annotationPointer)).Because(err).
			Try("use the kubectl micro that wrote it, or forget the session: %s", forgetCommand(o))
	}
	return list, nil
}

func parseSessions(text string) (sessions, error) {
	var list sessions
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		return nil, errors.New("expected a JSON list of sessions")
	}
	seen := map[string]bool{}
	for _, s := range list {
		switch {
		case s.Version != 1:
			return nil, fmt.Errorf("expected version 1, found %d", s.Version)
		case s.Service == "" || s.Stable.Host == "" || s.Canary.Host == "":
			return nil, errors.New("expected service, stable and canary, found an empty one")
		case seen[s.Service]:
			return nil, fmt.Errorf("found two sessions of %s", s.Service)
		}
		seen[s.Service] = true
	}
	return list, nil
}

// of returns the session of a service.
func (l sessions) of(service string) (Session, bool) {
	for _, s := range l {
		if s.Service == service {
			return s, true
		}
	}
	return Session{}, false
}

// without is the list without the session of a service.
func (l sessions) without(service string) sessions {
	return slices.DeleteFunc(slices.Clone(l), func(s Session) bool { return s.Service == service })
}

// with is the list with a session in place of the older one of its service.
func (l sessions) with(s Session) sessions {
	out := append(l.without(s.Service), s)
	slices.SortFunc(out, func(a, b Session) int { return strings.Compare(a.Service, b.Service) })
	return out
}

// encode renders the sessions for the annotation; none is the empty string.
func (l sessions) encode() (string, error) {
	if len(l) == 0 {
		return "", nil
	}
	data, err := json.Marshal(l)
	if err != nil {
		return "", err
	}
	if len(data) > maxSession {
		return "", fault.Refusedf("the session would need %d bytes of annotation, more than %d: too many routes change at once",
			len(data), maxSession).Try("change fewer routes with --route")
	}
	return string(data), nil
}

// session returns the session of the target that any of its objects carries.
// What cannot be read is left out here; a write reports it.
func (t Target) session() (Session, bool) {
	for _, r := range t.Routes {
		list, _ := sessionsOf(r.Object)
		if s, ok := list.of(t.String()); ok {
			return s, true
		}
	}
	return Session{}, false
}

// touched returns the record of a route by its content: a route that somebody
// moved is still the same route.
func (s Session) touched(id string) (Touched, bool) {
	for _, t := range s.Routes {
		if t.ID == id {
			return t, true
		}
	}
	return Touched{}, false
}

// leg returns the record of a backend.
func (t Touched) leg(b traffic.Backend) (Wrote, bool) {
	for _, l := range t.Legs {
		if l.backend().SameTarget(b) {
			return l, true
		}
	}
	return Wrote{}, false
}

var annotationPointer = patch.Pointer("metadata", "annotations", Annotation)

// annotation reads ours from the raw object: what else the annotations hold,
// even something that is no string, must not get in the way.
func annotation(o *model.Object) (any, bool) {
	value, err := patch.Get(o.Raw(), annotationPointer)
	return value, err == nil
}

// annotate returns the operations that store a text on an object, or take it
// off when it is empty. An object without annotations gets none left behind.
func annotate(o *model.Object, text string) []patch.Op {
	parent, _ := patch.Split(annotationPointer)
	value, _ := patch.Get(o.Raw(), parent)
	all, _ := value.(map[string]any)
	old, found := all[Annotation]
	test := patch.Op{Op: patch.Test, Path: annotationPointer, Value: old}
	switch {
	case text == "" && !found, found && old == text:
		return nil
	case text == "" && len(all) == 1:
		return []patch.Op{test, {Op: patch.Remove, Path: parent}}
	case text == "":
		return []patch.Op{test, {Op: patch.Remove, Path: annotationPointer}}
	case found:
		return []patch.Op{test, {Op: patch.Replace, Path: annotationPointer, Value: text}}
	case all == nil:
		return []patch.Op{{Op: patch.Add, Path: parent, Value: map[string]any{Annotation: text}}}
	}
	return []patch.Op{{Op: patch.Add, Path: annotationPointer, Value: text}}
}
