// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package detect

import (
	"path"
	"strings"
)

// java knows Java and Kotlin built by Maven or Gradle.
var java = detector{name: "java", Match: matchJava, Facts: factsJava}

// builds are the manifests; a wrapper beside one is used before an installed tool.
var builds = []struct{ file, tool string }{
	{"pom.xml", "maven"}, {"build.gradle", "gradle"}, {"build.gradle.kts", "gradle"},
}

func matchJava(u *unit) {
	for _, b := range builds {
		f := u.file(b.file)
		if f == nil {
			continue
		}
		u.add(language, f.head(), "java", b.file, metadata)
		u.add(build, f.head(), b.tool, b.file, metadata)
		if m, ok := f.find("<artifactId>", re(`^\s{0,4}<artifactId>([\w.-]+)</artifactId>`)); ok {
			u.add(title, m, m.group(1), "pom.xml artifactId", metadata)
		}
	}
	if f := u.file("settings.gradle"); f != nil {
		if m, ok := f.find("rootProject.name", re(`rootProject\.name\s*=\s*['"]([\w.-]+)['"]`)); ok {
			u.add(title, m, m.group(1), "settings.gradle", metadata)
		}
	}
}

// javaManifest are rules over pom.xml and the Gradle files.
var javaManifest = []rule{
	{framework, "spring boot", "spring-boot", re(`spring-boot-starter-(?:web|webflux|actuator|parent|amqp|data\S*)|org\.springframework\.boot`), "spring-boot", metadata},
	{framework, "quarkus", "quarkus", re(`io\.quarkus`), "quarkus", metadata},
	{framework, "micronaut", "micronaut", re(`io\.micronaut`), "micronaut", metadata},
	{framework, "helidon", "helidon", re(`io\.helidon`), "helidon", metadata},
	{framework, "liberty", "liberty", re(`io\.openliberty`), "liberty", metadata},
	{framework, "dropwizard", "dropwizard", re(`io\.dropwizard`), "dropwizard", metadata},
	{protocol, "spring web", "spring-boot-starter-web", re(`spring-boot-starter-web(?:flux)?\b`), "http", metadata},
	{protocol, "spring cloud", "spring", re(`spring-cloud-starter-(?:netflix-)?(?:zuul|gateway|eureka-server|hystrix-dashboard|turbine(?:-stream)?\b)|spring-cloud-config-server|spring-boot-admin-(?:starter-)?server\b`), "http", metadata},
	{protocol, "quarkus rest", "quarkus-rest", re(`quarkus-rest(?:easy)?\S*`), "http", metadata},
	{health, "smallrye health", "quarkus-smallrye-health", nil, "/q/health/live", metadata},
	{health, "smallrye health", "quarkus-smallrye-health", re(`\S*quarkus-smallrye-health`), "/q/health/ready", metadata - 1},
	{entry, "main class", "ainClass", re(`\b(?:mainClass(?:Name)?)(?:\.set\(|\s*=\s*)\s*['"]([\w.]+)['"]`), "", metadata},
	{entry, "main class", "<mainClass>", re(`<mainClass>([\w.]+)</mainClass>`), "", metadata},
	{entry, "main class", "<start-class>", re(`<start-class>([\w.]+)</start-class>`), "", metadata},
}

var javaRules = []rule{
	{framework, "grpc server", "ServerBuilder", re(`\b(?:Netty)?ServerBuilder\s*\.?\s*forPort|\b(?:Netty)?ServerBuilder\.for`), "grpc", source + 8},
	{framework, "spring boot", "@SpringBootApplication", nil, "spring-boot", metadata - 1},
	{framework, "jdk http server", "HttpServer.create(", nil, "jdk-http", source - 5},
	{protocol, "grpc server", "ServerBuilder", re(`\b(?:Netty)?ServerBuilder\s*\.?\s*forPort|\b(?:Netty)?ServerBuilder\.for`), "grpc", source + 12},
	{protocol, "grpc service", "@GrpcService", nil, "grpc", source},
	{protocol, "controller", "Controller", re(`@(?:Rest)?Controller\b`), "http", source + 5},
	{protocol, "jax-rs", "@Path(", nil, "http", source + 5},
	{protocol, "vert.x http server", "createHttpServer(", nil, "http", source + 5},
	{protocol, "jdk http server", "HttpServer.create(", nil, "http", source + 5},
	{protocol, "server socket", "new ServerSocket(", nil, "tcp", source - 15},
	{port, "forPort", "forPort(", re(`\bforPort\((\d{2,5})\)`), "", source + 2},
	{port, "listen", "Socket", re(`\b(?:InetSocketAddress|ServerSocket)\((\d{2,5})\)`), "", source + 2},
	{port, "default port", "ort", re(`\bint\s+\w*(?:[pP]ort|PORT)\s*=\s*(\d{2,5});`), "", source},
	{health, "grpc health", "HealthImplBase", re(`\bextends\s+HealthGrpc\.HealthImplBase`), "grpc", source + 5},
	{health, "grpc health", "HealthStatusManager(", re(`new HealthStatusManager\(`), "grpc", source + 5},
	{kind, "queue listener", "Listener(", re(`@(?:Kafka|Rabbit|Jms|Sqs)Listener\(`), "worker", source - 5},
	{kind, "schedule", "@Scheduled(", nil, "worker", source - 8},
}

var javaEnv = []envRule{
	{"getOrDefault", "getOrDefault", re(`getenv\(\)\s*\.getOrDefault\(\s*"([A-Z][A-Z0-9_]*)",\s*"([^"]*)"`), optional},
	{"getOrDefault on a line of its own", ".getOrDefault", re(`^\s*\.getOrDefault\(\s*"([A-Z][A-Z0-9_]*)",\s*"([^"]*)"`), optional},
	{"System.getenv", "System.getenv", re(`\bSystem\.getenv\(\s*"([A-Z][A-Z0-9_]*)"\s*\)`), ""},
	{"requireNonNull", "requireNonNull", re(`requireNonNull\(\s*System\.getenv\(\s*"([A-Z][A-Z0-9_]*)"`), required},
	{"placeholder in @Value", "@Value", re(`@Value\("\$\{([A-Z][A-Z0-9_]*)(?::([^}]*))?\}"`), ""},
}

// configs are where Spring and Quarkus are configured.
var configs = []string{"application.properties", "application.yml", "application.yaml", "bootstrap.yml"}

// placeholder is ${X} or ${X:default}; the first fails when X is not set.
var placeholder = re(`\$\{([A-Z][A-Z0-9_]*)(:)?([^}]*)\}`)

func factsJava(u *unit) {
	manifests := u.named("pom.xml", "build.gradle", "build.gradle.kts")
	u.applyValues(manifests, javaManifest)
	u.actuator(manifests)
	files := u.ending(".java", ".kt")
	u.apply(files, javaRules)
	u.environment(files, javaEnv)
	for _, f := range u.named(configs...) {
		u.javaConfig(f)
	}
	if f := u.firstNamed("server.xml"); f != nil {
		if m, ok := f.find("httpPort", re(`httpPort="(\d{2,5})"`)); ok {
			u.add(port, m, m.group(1), "server.xml httpPort", metadata)
		}
	}
	u.javaEntries(files)
	if e, ok := u.best(framework); ok && len(u.facts[port]) == 0 && len(u.facts[protocol]) > 0 && e.Confidence >= metadata-1 && !configured(manifests) {
		u.add(port, match{file: u.tree.file(e.File), line: e.Line, quote: e.Quote}, "8080", e.Value+" by convention", convention)
	}
}

// applyValues is apply with decoys told by the value too: a build that starts
// several classes names the client's as well.
func (u *unit) applyValues(files []*file, rules []rule) {
	u.apply(files, rules)
	for i, e := range u.facts[entry] {
		if penalty(e.Value) > 0 && e.Confidence == metadata {
			u.facts[entry][i].Confidence -= decoyed
		}
	}
}

func (u *unit) firstNamed(name string) *file {
	if all := u.named(name); len(all) > 0 {
		return all[0]
	}
	return nil
}

var (
	propertyPort = re(`^\s*(?:server\.port|quarkus\.http\.port|micronaut\.server\.port)\s*[=:]\s*(?:\$\{[A-Z_]+:)?(\d{2,5})\}?`)
	grpcPort     = re(`^\s*(?:grpc\.server\.port|quarkus\.grpc\.server\.port)\s*[=:]\s*(?:\$\{[A-Z_]+:)?(\d{2,5})\}?`)
	innerPort    = re(`(?:\$\{[A-Z_]+:)?(\d{2,5})\}?$`)
)

// javaConfig reads the port and the placeholders of a configuration file.
func (u *unit) javaConfig(f *file) {
	for n := 1; n <= f.lines(); n++ {
		line := f.line(n)
		if f.silent[n-1] {
			continue
		}
		if m := propertyPort.FindStringSubmatch(line); m != nil {
			u.add(port, f.at(n, strings.TrimSpace(line)), m[1], "server.port", metadata)
		} else if m := grpcPort.FindStringSubmatch(line); m != nil {
			u.add(port, f.at(n, strings.TrimSpace(line)), m[1], "grpc.server.port", metadata-2)
		}
		for _, p := range placeholder.FindAllStringSubmatch(line, 8) {
			need := required
			if p[2] != "" {
				need = optional
			}
			u.variable(p[1], f.at(n, p[0]), "placeholder", need, p[3], metadata)
		}
	}
	if path.Ext(f.path) == ".properties" {
		return
	}
	root := document(f)
	for _, keys := range [][]string{{"server", "port"}, {"quarkus", "http", "port"}, {"micronaut", "server", "port"}} {
		if v := field(root, keys...); v != nil {
			if m := innerPort.FindStringSubmatch(v.Value); m != nil && isPort(m[1]) {
				u.add(port, f.at(v.Line, v.Value), m[1], strings.Join(keys, "."), metadata)
			}
		}
	}
}

var (
	javaMain    = re(`\bpublic static void main\s*\(|^fun main\(`)
	javaPackage = re(`^\s*package\s+([\w.]+)`)
	javaServes  = re(`@SpringBootApplication|SpringApplication\.run|runApplication<|ServerBuilder|HttpServer\.create|ServerSocket\(|Micronaut\.run|Quarkus\.run`)
)

// javaEntries finds the classes with a main method, by their full names.
func (u *unit) javaEntries(files []*file) {
	for _, f := range files {
		rel := u.rel(f)
		m, ok := f.find("main(", javaMain)
		if !ok {
			continue
		}
		class := strings.TrimSuffix(f.base(), path.Ext(f.path))
		if path.Ext(f.path) == ".kt" {
			class += "Kt"
		}
		if p, ok := f.find("package", javaPackage); ok {
			class = p.group(1) + "." + class
		}
		confidence := source
		if javaServes.MatchString(f.text()) {
			confidence += 5
		}
		u.add(entry, m, class, "main method", confidence-penalty(rel))
	}
	if e, ok := u.best(framework); ok && len(u.facts[entry]) == 0 && (e.Value == "quarkus" || e.Value == "liberty") {
		u.add(entry, match{file: u.tree.file(e.File), line: e.Line, quote: e.Quote}, e.Value, "the framework's own main", source)
	}
}
