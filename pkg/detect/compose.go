// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package detect

import (
	"path"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
)

// composedService is a service of a compose file, or of micro.yaml.
type composedService struct {
	name string
	dir  string // what it is built of
	// context is the folder to build in, if that is above.
	context string
	file    *file
	node    *yaml.Node
	key     *yaml.Node
}

// stores are the images of backing stores, and the port each listens on.
var stores = []struct {
	name string
	re   *pattern
	port int
}{
	{"redis", re(`(?:^|/)(?:redis|valkey|keydb|dragonfly)(?:-stack(?:-server)?)?$`), 6379},
	{"postgres", re(`(?:^|/)(?:postgres|postgresql|postgis|timescaledb)$`), 5432},
	{"mysql", re(`(?:^|/)(?:mysql|mysql-server|mariadb|percona)$`), 3306},
	{"mongodb", re(`(?:^|/)(?:mongo|mongodb|mongodb-community-server)$`), 27017},
	{"kafka", re(`(?:^|/)(?:kafka|cp-kafka|redpanda)$`), 9092},
	{"rabbitmq", re(`(?:^|/)rabbitmq$`), 5672},
	{"nats", re(`(?:^|/)nats$`), 4222},
	{"memcached", re(`(?:^|/)memcached$`), 11211},
	{"elasticsearch", re(`(?:^|/)(?:elasticsearch|opensearch)$`), 9200},
	{"cassandra", re(`(?:^|/)(?:cassandra|scylla)$`), 9042},
	{"minio", re(`(?:^|/)minio$`), 9000},
	{"zookeeper", re(`(?:^|/)(?:zookeeper|cp-zookeeper)$`), 2181},
	{"etcd", re(`(?:^|/)etcd$`), 2379},
	{"sqlserver", re(`mssql/server$`), 1433},
}

// StoreOf knows a backing store by its image, and the port that it listens on; ""
// for anything else.
func StoreOf(image string) (name string, listens int) {
	image, _, _ = strings.Cut(image, "@")
	if i := strings.LastIndex(image, ":"); i > strings.LastIndex(image, "/") {
		image = image[:i]
	}
	for _, s := range stores {
		if s.re.MatchString(image) {
			return s.name, s.port
		}
	}
	return "", 0
}

// store reports whether a Dockerfile makes a backing store: its final image is
// one and nothing beside it is built. It is noted once.
func (s *scan) store(f *file) bool {
	all := stages(f)
	if len(all) == 0 {
		return false
	}
	final := all[len(all)-1]
	from, image := instruction{final.Instructions[0], f}, final.Image
	name, listens := StoreOf(image)
	if name == "" {
		return false
	}
	for _, beside := range s.tree.files {
		if beside.dir() == f.dir() && isMarker(beside) {
			return false
		}
	}
	s.back(Label(path.Base(f.dir())), image, name, listens, evidence(from.where(image), name, "dockerfile FROM", container))
	return true
}

func (s *scan) back(name, image, store string, listens int, e api.DetectedEvidence) {
	for i := range s.backing {
		if b := &s.backing[i]; b.Name == name {
			for _, old := range b.Evidence {
				if old == e {
					return
				}
			}
			b.Evidence = append(b.Evidence, e)
			return
		}
	}
	s.backing = append(s.backing, api.DetectedBacking{Name: name, Image: image, Store: store, Port: listens, Evidence: []api.DetectedEvidence{e}})
}

var composeFile = re(`^(?:docker-)?compose(?:\.[\w-]+)?\.ya?ml$`)

// testCompose are compose files of what is started to test something.
var testCompose = re(`[.-](?:tests?|e2e|ci|lint)\.ya?ml$`)

// declare reads what names services outright: compose files and micro.yaml.
func (s *scan) declare() {
	s.contexts = map[string]match{}
	for _, f := range s.tree.files {
		isSystem := f.base() == "micro.yaml" || f.base() == "micro.yml"
		if !isSystem && (!composeFile.MatchString(f.base()) || testCompose.MatchString(f.base())) {
			continue
		}
		services := pairs(field(document(f), "services"))
		alone := recipes(services) < 2
		for _, p := range services {
			s.declareService(f, p, isSystem, alone)
		}
	}
}

func (s *scan) declareService(f *file, p pair, isSystem, alone bool) {
	c := composedService{name: p.key.Value, file: f, node: p.value, key: p.key}
	at := field(p.value, "build")
	var recipe *yaml.Node
	if isSystem {
		at = field(p.value, "source")
	} else if at != nil && at.Kind == yaml.MappingNode {
		at, recipe = field(at, "context"), field(at, "dockerfile")
	}
	if at == nil || at.Kind != yaml.ScalarNode {
		image := field(p.value, "image")
		if image == nil {
			return
		}
		if store, listens := StoreOf(image.Value); store != "" {
			s.back(Label(p.key.Value), image.Value, store, listens, evidence(f.at(image.Line, image.Value), store, "compose image", composed))
		}
		return
	}
	c.dir = path.Join(f.dir(), at.Value)
	if !s.tree.dirs[c.dir] || strings.HasPrefix(c.dir, "..") {
		s.tree.note("%s:%d: %s: no such folder", f.path, at.Line, at.Value)
		return
	}
	if !s.placed(&c, recipe, alone) {
		return
	}
	if _, known := s.contexts[c.dir]; !known {
		s.contexts[c.dir] = f.at(at.Line, at.Value)
	}
	s.composed = append(s.composed, c)
}

// fromCompose notes what compose files and micro.yaml state about a unit.
func (s *scan) fromCompose(u *unit) {
	for _, c := range s.composed {
		if c.dir != u.dir {
			continue
		}
		weight, rule := composed, "compose"
		if strings.HasPrefix(c.file.base(), "micro.") {
			weight, rule = declared, "micro.yaml"
		}
		u.add(title, c.file.at(c.key.Line, c.key.Value), c.name, rule, weight)
		if c.context != "" {
			u.context = c.context
		}
		u.composedPorts(c, rule, weight)
		u.composedEnv(c, rule, weight)
		if v := field(c.node, "command"); v != nil && v.Kind == yaml.ScalarNode && v.Value != "" {
			u.add(start, c.file.at(v.Line, v.Value), v.Value, rule+" command", weight)
		}
	}
}

// publish is the container's side of "8080:80/tcp".
var publish = re(`(\d+)(?:/tcp)?$`)

// debuggers are ports that compose files open for a debugger.
var debuggers = set("9229", "5005", "5678", "2345")

func (u *unit) composedPorts(c composedService, rule string, weight int) {
	note := func(v *yaml.Node) {
		v.Value = expand(v.Value, u.tree.file(c.file.dir(), ".env"))
		if m := publish.FindStringSubmatch(v.Value); m != nil && isPort(m[1]) && !debuggers[m[1]] {
			at := c.file.at(v.Line, v.Value)
			u.add(port, at, m[1], rule+" ports", weight-aside(at))
		}
	}
	for _, name := range []string{"ports", "expose"} {
		list := field(c.node, name)
		if list == nil {
			continue
		}
		for _, p := range pairs(list) { // micro.yaml: {http: 8080} or {http: {port: 80, target: 8080}}
			target := p.value
			for _, key := range []string{"target", "port"} {
				if v := field(p.value, key); v != nil {
					target = v
					break
				}
			}
			note(target)
		}
		if list.Kind != yaml.SequenceNode {
			continue
		}
		for _, v := range list.Content {
			if t := field(v, "target"); t != nil {
				v = t
			}
			note(v)
		}
	}
}

func (u *unit) composedEnv(c composedService, rule string, weight int) {
	env := field(c.node, "environment")
	if env == nil {
		env = field(c.node, "env")
	}
	for _, p := range pairs(env) {
		u.variable(p.key.Value, c.file.at(p.value.Line, p.key.Value), rule+" environment", unknown, p.value.Value, weight)
		u.composedPort(c, p.value.Line, p.key.Value, p.value.Value, rule, weight)
	}
	if env == nil || env.Kind != yaml.SequenceNode {
		return
	}
	for _, v := range env.Content {
		name, value, _ := strings.Cut(v.Value, "=")
		u.variable(name, c.file.at(v.Line, name), rule+" environment", unknown, value, weight)
		u.composedPort(c, v.Line, name, value, rule, weight)
	}
}

func (u *unit) composedPort(c composedService, line int, name, value, rule string, weight int) {
	if name == "PORT" && isPort(value) {
		u.add(port, c.file.at(line, value), value, rule+" environment", weight)
	}
}
