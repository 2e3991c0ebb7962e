// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package canary

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/traffic"
)

// Annotation holds the session on each route object. It is written in the same
// patch as the weights, so that the two can never disagree after a crash.
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
	// At is where the route was, ID what it is: its protocol, name and matches.
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

// sessionOf reads an object's session; ok is false if it has none. A session
// that cannot be read is an error: overwriting it would lose the way back.
func sessionOf(o *model.Object) (session Session, ok bool, err error) {
	text, found := o.Meta().GetAnnotations()[Annotation]
	if !found {
		return Session{}, false, nil
	}
	if err := json.Unmarshal([]byte(text), &session); err != nil || session.Version != 1 {
		return Session{}, false, fault.Failedf("annotation %s of %s is not a session of this version", Annotation, o.Ref).
			At(o.Where(patch.Pointer("metadata", "annotations", Annotation))).Because(err).
			Try("use the kubectl micro that wrote it, or remove it to forget the session: kubectl annotate -n %s %s %s-",
				o.Ref.Namespace, o.Ref.Short(), Annotation)
	}
	return session, true, nil
}

// session returns the session that any of the target's objects carries.
func (t Target) session() (Session, bool) {
	for _, r := range t.Routes {
		if s, ok, _ := sessionOf(r.Object); ok && s.Service == t.String() {
			return s, true
		}
	}
	return Session{}, false
}

// encode renders the session for its annotation.
func (s Session) encode() (string, error) {
	data, err := json.Marshal(s)
	if err != nil {
		return "", err
	}
	if len(data) > maxSession {
		return "", fault.Refusedf("the session of %s would need %d bytes of annotation, more than %d: too many routes change at once",
			s.Service, len(data), maxSession).Try("change fewer routes with --route")
	}
	return string(data), nil
}

// touched returns the record of a route, matching by content before place: a
// route that somebody moved is still the same route.
func (s Session) touched(r traffic.Route) (Touched, bool) {
	id := fingerprint(r)
	for _, t := range s.Routes {
		if t.ID == id && t.At == r.Pointer {
			return t, true
		}
	}
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

// fingerprint identifies a route by what it takes, not by where it sends it:
// weights and destinations are what changes during a canary.
func fingerprint(r traffic.Route) string {
	raw, _ := patch.Get(r.Object.Raw(), r.Pointer)
	route, _ := raw.(map[string]any)
	data, err := json.Marshal([]any{r.Protocol, r.Name, route["match"], route["matches"]})
	if err != nil { // decoded JSON always encodes
		return r.Pointer
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:6])
}

// annotate returns the operations that store a session on an object, or take it
// off when text is empty.
func annotate(o *model.Object, text string) []patch.Op {
	at := patch.Pointer("metadata", "annotations")
	key := patch.Pointer("metadata", "annotations", Annotation)
	annotations := o.Meta().GetAnnotations()
	old, found := annotations[Annotation]
	switch {
	case text == "" && !found, found && old == text:
		return nil
	case text == "":
		return []patch.Op{{Op: patch.Test, Path: key, Value: old}, {Op: patch.Remove, Path: key}}
	case found:
		return []patch.Op{{Op: patch.Test, Path: key, Value: old}, {Op: patch.Replace, Path: key, Value: text}}
	case annotations == nil:
		return []patch.Op{{Op: patch.Add, Path: at, Value: map[string]any{Annotation: text}}}
	}
	return []patch.Op{{Op: patch.Add, Path: key, Value: text}}
}
