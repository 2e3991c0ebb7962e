// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package pods

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM1005", Slug: "image-pull", Severity: finding.Error,
	Short: "Image cannot be pulled",
	Why: `The container waits until its image is on the node (ErrImagePull, then ImagePullBackOff with
ever longer pauses). Registries often answer "denied" for what does not exist, so that a wrong name
looks like a missing right.

A name without a registry means Docker Hub: ` + "`myapp:1.0` is `docker.io/library/myapp:1.0`" + `, a
place where only Docker's official images are. In files this is reported as possible where the other
images of the set come from a registry of one's own.`,
	Fix: `Write the full name with registry and tag or digest, push the image, or name a pull secret that
has credentials for the registry in imagePullSecrets of the pod or its ServiceAccount.`,
	Reference: "https://kubernetes.io/docs/concepts/containers/images/",
	Needs:     slices.Concat(model.WorkloadKinds, []*model.Kind{model.Events.Kind, model.Secrets.Kind}),
	Explains:  []string{"KM1014", "KM2001", "KM2015", "KM3002"},
	Check: func(w *rules.World, emit rules.Emit) {
		if !w.Offline {
			checkPulls(w, emit)
		}
		checkBareNames(w, emit)
	},
	Repair: repairImage,
})

// pulls are the reasons with which a container waits for its image.
var pulls = []string{
	"ImagePullBackOff", "ErrImagePull", "InvalidImageName", "ErrImageNeverPull", "ImageInspectError",
	"RegistryUnavailable", "SignatureValidationFailed",
}

// failures are what registries, container runtimes and the network say, the
// more exact first.
var failures = []struct {
	means, hint string
	says        []string
}{
	{"the registry limits the rate of pulls", "authenticate with a pull secret, or use a mirror", []string{"toomanyrequests", "429 too many", "rate limit"}},
	{"it exists, but not for the platform of the node", "build it for the node's architecture, or pin the pods with nodeSelector kubernetes.io/arch", []string{"no match for platform", "no matching manifest for"}},
	{"the name of the registry does not resolve", "", []string{"no such host", "server misbehaving", "temporary failure in name resolution"}},
	{"the certificate of the registry is not trusted", "the node's container runtime must know the CA", []string{"x509:"}},
	{"TLS with the registry fails", "", []string{"tls: "}},
	{"the registry speaks plain HTTP where HTTPS is expected", "the node's container runtime must be told that the registry is insecure", []string{"server gave HTTP response to HTTPS client"}},
	{"the node has no space left for it", "", []string{"no space left on device"}},
	{"the registry denies access or has no such repository", "", []string{"insufficient_scope", "pull access denied", "may require authorization", "may require 'docker login'"}},
	{"the registry denies access", "", []string{"unauthorized", " 401", "403 forbidden", "no basic auth credentials", "authentication required", "denied"}},
	{"the registry does not have it", "", []string{"manifest unknown", "not found", "name unknown", " 404"}},
	{"the registry cannot be reached", "", []string{"i/o timeout", "connection refused", "deadline exceeded", "connection reset", "network is unreachable", "no route to host", "tls handshake timeout"}},
	{"the registry fails", "", []string{"500 internal", "502 bad gateway", "503 service", "504 gateway"}},
}

func checkPulls(w *rules.World, emit rules.Emit) {
	var all []sighting
	for c := range containers(w) {
		waiting := c.waiting()
		if !slices.Contains(pulls, waiting.Reason) {
			continue
		}
		name := c.spec.Image
		if name == "" {
			name = c.status.Image
		}
		if template, _ := c.template(); template != nil && !c.of.Live() && template.Image != name {
			continue // the files that are laid over the cluster ask for another
		}
		s := sighting{container: c, at: c.field("/image"), severity: finding.Error, since: unready(c.pod.Value)}
		s.evidence = []finding.Evidence{c.statusOf(waiting.Reason+": "+waiting.Message, s.since)}
		text := waiting.Message
		for e := range c.events(w) {
			if e.Reason == "Failed" && strings.Contains(e.Message, "ailed to pull image") {
				text += " " + e.Message
				s.evidence = append(s.evidence, rules.Seen(c.pod.Ref, e))
				break
			}
		}
		means, hint := failure(waiting.Reason, withoutName(text, name))
		s.reason = fmt.Sprintf("%s waits for image %s: %s", c.word(), name, means)
		s.hint = hint
		s.credentials(w, name, means)
		all = append(all, s)
	}
	report(w, emit, all)
}

// failure says what a failed pull means.
func failure(reason, text string) (means, hint string) {
	switch reason {
	case "InvalidImageName":
		return "that is no valid name of an image", "names are lower case: [registry[:port]/]path[:tag][@sha256:digest]"
	case "ErrImageNeverPull":
		return "it is not on the node, and imagePullPolicy is Never", "use IfNotPresent, or load it onto every node"
	case "SignatureValidationFailed":
		return "its signature is not valid", ""
	}
	for _, f := range failures {
		if _, ok := firstOf(text, f.says...); ok {
			return f.means, f.hint
		}
	}
	return "the pull fails", ""
}

// withoutName takes the name of an image out of a message, so that its digits and
// words are not taken for an answer of the registry.
func withoutName(text, name string) string {
	if name == "" {
		return text
	}
	i := parseImage(name)
	for _, part := range []string{name, strings.TrimPrefix(i.registry+"/"+i.path, "/")} {
		text = strings.ReplaceAll(text, part, "image")
	}
	return text
}

// credentials adds what the pod has to show to a registry that denies access.
func (s *sighting) credentials(w *rules.World, image, means string) {
	if !strings.Contains(means, "denies") {
		return
	}
	host := parseImage(image).host()
	if len(s.pod.Value.Spec.ImagePullSecrets) == 0 {
		s.hint = "the pod names no imagePullSecrets; credentials for " + host + " can come only from the node"
		return
	}
	var lines []string
	for _, p := range s.pod.Value.Spec.ImagePullSecrets {
		r := model.Secrets.Ref(s.pod.Ref.Namespace, p.Name)
		s.related = append(s.related, r)
		if absence, missing := w.Missing(model.Secrets.Kind, r.Namespace, r.Name); missing {
			lines = append(lines, fmt.Sprintf("pull secret %s %s", r, absence))
			s.evidence = append(s.evidence, finding.Evidence{Kind: "absence", Of: r.String(), Value: absence.String()})
			continue
		}
		secret, found := model.Secrets.Get(w.Snapshot, r.Namespace, r.Name)
		if !found {
			continue
		}
		if hosts, known := registries(secret.Value); known {
			if slices.Contains(hosts, host) {
				lines = append(lines, fmt.Sprintf("pull secret %s has credentials for %s: they may have expired, or the repository is another", r, host))
			} else {
				lines = append(lines, fmt.Sprintf("pull secret %s has no credentials for %s, only for %s", r, host, listed(hosts)))
			}
		}
	}
	s.hint = strings.Join(lines, "\n")
}

func listed(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

func repairImage(w *rules.World, r rules.Result) []rules.Fix {
	of, found := w.Workload(r.Object)
	if !found || of.Live() {
		return nil
	}
	c, at := holding(of, r.Pointer)
	prefixes := ownPrefixes(w)
	if c == nil || c.Image == "" || len(prefixes) != 1 || !bareName(c.Image) {
		return nil
	}
	full := prefixes[0] + "/" + c.Image
	return []rules.Fix{rules.Change(rules.Review, "pull "+full, of.Object, patch.Op{Op: patch.Replace, Path: at + "/image", Value: full})}
}
