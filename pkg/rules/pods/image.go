// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package pods

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

// hub is what a name without a registry stands for.
const hub = "docker.io"

// image is the name of an image in its parts.
type image struct {
	// registry is empty where the name has none, path is without the tag.
	registry, path string
}

// parseImage splits a name as container runtimes do: what is before the first
// slash is a registry if it has a dot or a colon or is localhost.
func parseImage(name string) image {
	name, _, _ = strings.Cut(name, "@")
	if i := strings.LastIndexByte(name, ':'); i > strings.LastIndexByte(name, '/') {
		name = name[:i]
	}
	first, rest, ok := strings.Cut(name, "/")
	if ok && (strings.ContainsAny(first, ".:") || first == "localhost") {
		return image{first, rest}
	}
	return image{"", name}
}

// host is the registry the image is pulled from.
func (i image) host() string {
	if i.registry == "" {
		return hub
	}
	return i.registry
}

// public are registries that anybody pulls from, so that an image from there
// does not tell where one's own are.
var public = []string{
	hub, "index.docker.io", "registry-1.docker.io", "registry.k8s.io", "k8s.gcr.io", "gcr.io", "ghcr.io", "quay.io",
	"public.ecr.aws", "mcr.microsoft.com", "registry.access.redhat.com", "registry.redhat.io", "docker.elastic.co",
	"registry.gitlab.com", "nvcr.io", "cgr.dev", "docker.n8n.io", "xpkg.upbound.io", "localhost", "registry.istio.io",
}

// official are Docker Hub's own images, the only ones under library/.
var official = strings.Fields(`
adminer aerospike almalinux alpine alt amazoncorretto amazonlinux api-firewall arangodb archlinux backdrop bash bonita
buildpack-deps busybox caddy cassandra centos chronograf cirros clearlinux clefos clickhouse clojure composer convertigo
couchbase couchdb crate dart debian docker drupal eclipse-mosquitto eclipse-temurin eggdrop elasticsearch elixir emqx
erlang express-gateway fedora flink fluentd friendica gazebo gcc geonetwork ghost golang gradle groovy haproxy haskell
haxe hello-world hitch httpd hylang ibm-semeru-runtimes ibmjava influxdb irssi java jetty jobber joomla jruby julia
kapacitor kibana kong krakend lightstreamer liquibase logstash mageia mariadb matomo maven mediawiki memcached mongo
mongo-express monica mono mysql nats nats-streaming neo4j neurodebian nextcloud nginx node notary odoo open-liberty
openjdk opensuse oraclelinux orientdb percona perl photon php php-zendserver phpmyadmin plone postfixadmin postgres
pypy python r-base rabbitmq rakudo-star redis redmine registry rethinkdb rockylinux ros ruby rust sapmachine satosa
scratch silverpeas sl solr sonarqube sourcemage spark spiped storm swarm swift swipl tomcat tomee traefik ubuntu unit
varnish vault websphere-liberty wordpress xwiki yourls zipkin znc zookeeper consul telegraf`)

// bareName reports whether a name has neither registry nor path and is none of
// Docker Hub's own images.
func bareName(name string) bool {
	i := parseImage(name)
	return i.registry == "" && i.path != "" && !strings.ContainsAny(i.path, "/$<{ ") && !slices.Contains(official, i.path)
}

// planned are the containers of the workloads that are in files.
func planned(w *rules.World, visit func(of *model.Workload, c *corev1.Container, at string)) {
	for _, of := range w.Workloads("") {
		if of.Live() {
			continue
		}
		for at, c := range of.Containers() {
			visit(of, c, at)
		}
	}
}

// ownPrefixes are the registries, with the path before the last part, of the
// images in files that do not come from a public one, sorted.
func ownPrefixes(w *rules.World) []string {
	prefixes := map[string]bool{}
	planned(w, func(_ *model.Workload, c *corev1.Container, _ string) {
		i := parseImage(c.Image)
		if i.registry == "" || slices.Contains(public, i.registry) {
			return
		}
		prefix := i.registry
		if at := strings.LastIndexByte(i.path, '/'); at >= 0 {
			prefix += "/" + i.path[:at]
		}
		prefixes[prefix] = true
	})
	return slices.Sorted(maps.Keys(prefixes))
}

// checkBareNames looks in files for images that only Docker could have under
// their name, where others come from a registry of one's own.
func checkBareNames(w *rules.World, emit rules.Emit) {
	prefixes := ownPrefixes(w)
	if len(prefixes) == 0 {
		return
	}
	planned(w, func(of *model.Workload, c *corev1.Container, at string) {
		if !bareName(c.Image) || c.Image == "auto" { // Istio's injection puts its own proxy there
			return
		}
		f := emit(of.Object, at+"/image", "image %s names no registry and means %s/library/%s, but other images here come from %s",
			c.Image, hub, c.Image, strings.Join(prefixes, ", "))
		f.Severity, f.Confidence, f.State = finding.Info, finding.Possible, finding.Latent
		f.Reason = "image " + c.Image + " names no registry"
	})
}

// registries are the hosts that a pull secret has credentials for, sorted; false
// when its data was not read or makes no sense.
func registries(s *corev1.Secret) ([]string, bool) {
	hosts := map[string]bool{}
	var config struct {
		Auths map[string]json.RawMessage `json:"auths"`
	}
	switch {
	case len(s.Data[corev1.DockerConfigJsonKey]) > 0:
		if err := json.Unmarshal(s.Data[corev1.DockerConfigJsonKey], &config); err != nil {
			return nil, false
		}
	case len(s.Data[corev1.DockerConfigKey]) > 0:
		if err := json.Unmarshal(s.Data[corev1.DockerConfigKey], &config.Auths); err != nil {
			return nil, false
		}
	default:
		return nil, false
	}
	for host := range config.Auths {
		host = strings.TrimPrefix(strings.TrimPrefix(host, "https://"), "http://")
		host, _, _ = strings.Cut(host, "/")
		if slices.Contains([]string{"index.docker.io", "registry-1.docker.io"}, host) {
			host = hub
		}
		hosts[host] = true
	}
	return slices.Sorted(maps.Keys(hosts)), true
}
