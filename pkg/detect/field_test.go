// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package detect_test

import (
	"strings"
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/detect"
)

const (
	bootPom = "<project>\n  <artifactId>shop</artifactId>\n  <parent>\n    <artifactId>spring-boot-starter-parent</artifactId>\n    <version>3.4.1</version>\n  </parent>\n" +
		"  <dependency>spring-boot-starter-web</dependency>\n  <dependency>spring-boot-starter-actuator</dependency>\n</project>\n"
	bootMain = "package com.example.shop;\n@SpringBootApplication\nclass ShopApplication {\n  public static void main(String[] a) { SpringApplication.run(ShopApplication.class, a); }\n}\n"
	goServer = "package main\n\nfunc main() {\n\tlog.Fatal(http.ListenAndServe(\":8080\", nil))\n}\n"
)

// TestSeenInTheField are shapes of trees that people have, each with what it must and
// must not be taken for.
func TestSeenInTheField(t *testing.T) {
	for _, c := range []struct {
		name string
		tree []string
		// want are lines of the summary, not are parts of it.
		want, not []string
	}{
		{"packages may be called like folders of tests", []string{
			"pom.xml", bootPom, "src/main/java/com/example/samples/ShopApplication.java", bootMain,
		}, []string{"entry com.example.shop.ShopApplication", "port 8080"}, []string{"nothing to start"}},
		{"Spring Boot before 2.3 has no probes", []string{
			"pom.xml", strings.Replace(bootPom, "3.4.1", "2.1.0.RELEASE", 1), "src/main/java/a/A.java", bootMain,
			"src/main/resources/application.yml", "server:\n  servlet:\n    context-path: /shop\n",
		}, []string{"health /shop/actuator/health"}, []string{"liveness"}},
		{"nor a path in front before 2.0", []string{
			"pom.xml", strings.Replace(bootPom, "3.4.1", "1.5.22.RELEASE", 1), "src/main/java/a/A.java", bootMain,
		}, []string{"health /health"}, []string{"actuator"}},
		{"management on a port of its own", []string{
			"pom.xml", bootPom, "src/main/java/a/A.java", bootMain, "src/main/resources/application.properties", "management.server.port=9000\n",
		}, []string{"port 8080"}, []string{"health"}},
		{"a configuration server may set the port", []string{
			"pom.xml", strings.Replace(bootPom, "</project>", "<artifactId>spring-cloud-starter-config</artifactId></project>", 1), "src/main/java/a/A.java", bootMain,
		}, []string{"kind service"}, []string{"port "}},
		{"a list of modules is no service", []string{
			"pom.xml", "<project>\n<modules>\n<module>shop</module>\n</modules>\n</project>\n", "docker/Dockerfile", "FROM eclipse-temurin:21\nCMD [\"java\"]\n",
			"shop/pom.xml", bootPom, "shop/src/main/java/a/A.java", bootMain,
		}, []string{"shop (shop)"}, []string{"(.)"}},
		{"the Dockerfile is in a folder below the context", []string{
			"compose.yaml", "services:\n  cart:\n    build: {context: ., dockerfile: cart/Dockerfile}\n    ports: ['${CART_PORT}']\n  web:\n    build: {context: ., dockerfile: '${WEB_FILE:-web/Dockerfile}'}\n",
			".env", "CART_PORT=7070\n", "cart/Dockerfile", "FROM golang:1.26\nCOPY . .\n", "cart/go.mod", "module cart\n", "cart/main.go", "package main\n\nfunc main() {}\n",
			"web/Dockerfile", "FROM ghcr.io/acme/proxy:1\nEXPOSE 8081\n",
		}, []string{"cart (cart)", "port 7070", "web (web)", "port 8081"}, []string{"(.)"}},
		{"the Dockerfile is in a folder of its own", []string{
			"compose.yaml", "services:\n  stock:\n    build: {context: ., dockerfile: ./docker/stock/Dockerfile}\n  stock-db:\n    build: docker/stock-db\n",
			"docker/stock/Dockerfile", "FROM golang:1.26\nEXPOSE 8080\n", "docker/stock-db/Dockerfile", "FROM mysql:8\nCOPY dump.sql /docker-entrypoint-initdb.d/\n",
			"go.mod", "module stock\n", "main.go", goServer,
		}, []string{"stock (.)", "dockerfile docker/stock/Dockerfile", "backing stock-db mysql mysql:8 3306"}, []string{"(docker/"}},
		{"images and compose files of tests", []string{
			"compose.override.yml", "services:\n  browser:\n    build: {context: ., dockerfile: web/Dockerfile.playwright}\n    ports: ['9323:9323']\n",
			"docker-compose.test.yml", "services:\n  api:\n    build: ./web\n    ports: ['81:81']\n",
			"web/Dockerfile.playwright", "FROM mcr.microsoft.com/playwright\n", "web/package.json", `{"name":"web","main":"server.js"}`, "web/server.js", "app.listen(8080)\n",
		}, []string{"web (web)", "port 8080"}, []string{"9323", "81\n", "dockerfile"}},
		{"an image with a web server in it", []string{
			"ratings/Dockerfile", "FROM php:8.3-apache\nCOPY . /var/www/html\n", "ratings/index.php", "<?php\n",
		}, []string{"port 80", "protocol http", "kind service"}, nil},
		{"a debugger is not a port", []string{
			"compose.yaml", "services:\n  a:\n    build: a\n    ports: ['80:80', '127.0.0.1:9229:9229']\n", "a/package.json", `{"main":"a.js"}`, "a/a.js", "app.listen(80)\n",
		}, []string{"port 80"}, []string{"9229"}},
		{"the last USER runs it", []string{
			"a/Dockerfile", "FROM node:24\nUSER root\nRUN mkdir /x\nUSER 1001\n", "a/package.json", `{"main":"a.js"}`, "a/a.js", "app.listen(80)\n",
		}, []string{"user 1001"}, []string{"ambiguous"}},
		{"a port by the name that the server is told", []string{
			"a/package.json", `{"main":"a.js"}`, "a/a.js", "const redisPort = 6379;\nconst port = process.env.CART_SERVER_PORT || '8085';\napp.listen(port, () => {});\n",
			"b/requirements.txt", "flask\n", "b/b.py", "app = Flask(__name__)\nif __name__ == '__main__':\n    p = int(os.getenv('SHOP_PAY_PORT', '8086'))\n    app.run(host='::', port=p)\n",
		}, []string{"port 8085", "port 8086"}, []string{"6379", "5000"}},
		{"a server that is told its port has none by convention", []string{
			"requirements.txt", "flask\n", "b.py", "app = Flask(__name__)\nif __name__ == '__main__':\n    app.run(port=int(sys.argv[1]))\n",
		}, []string{"framework flask"}, []string{"port "}},
		{"who does not listen has somebody else's port", []string{
			"go.mod", "module a\n", "main.go", "package main\n\nvar sidecarPort = \"3500\"\n\nfunc main() {\n\thttp.Post(\"http://localhost:\"+sidecarPort, \"\", nil)\n}\n",
		}, []string{"kind worker"}, []string{"port "}},
		{"addresses of others", []string{
			"go.mod", "module a\n", "main.go", "package main\n\nvar badAddress = \"elsewhere:50051\"\nvar remoteAddr = \":7000\"\n\nfunc main() {\n\thttp.ListenAndServe(addr(), nil)\n}\n",
		}, []string{"kind service"}, []string{"port "}},
		{"flags and tags of Go", []string{
			"a/go.mod", "module a\n", "a/main.go", "package main\n\nfunc main() {\n\tfs.Int(\"port\", 9898, \"HTTP\")\n\tfs.Int(\"port-metrics\", 9797, \"\")\n\tsrv.ListenAndServe()\n}\n",
			"b/go.mod", "module b\n", "b/main.go", "package main\n\ntype c struct {\n\tPort int `env:\"PORT,default=8087\"`\n}\n\nfunc main() {\n\tr.Run(c.Port)\n}\n",
		}, []string{"port 9898", "port 8087"}, nil},
		{"tools beside a program", []string{
			"tools/gen/go.mod", "module gen\n", "tools/gen/main.go", "package main\n\nfunc main() {}\n", "pyproject.toml", "[tool.uv.workspace]\nmembers = []\n",
			"scripts/release.py", "if __name__ == '__main__':\n    release()\n",
		}, nil, []string{"language"}},
		{"programs for phones and desks", []string{
			"app/package.json", `{"main":"index.js","scripts":{"start":"expo start"},"dependencies":{"react-native":"1"}}`, "app/Gemfile", "gem 'fastlane'\n", "app/config.ru", "x\n",
			"maui/a.csproj", "<Project Sdk=\"Microsoft.NET.Sdk\"><OutputType>Exe</OutputType><UseMaui>true</UseMaui></Project>\n", "maui/A.cs", "class A {}\n",
		}, nil, []string{"language"}},
		{"addresses of appsettings that are not the server's", []string{
			"a.csproj", "<Project Sdk=\"Microsoft.NET.Sdk.Web\"></Project>\n", "appsettings.json", `{"Identity": {"Url": "http://localhost:5223"}}`, "Properties/launchSettings.json", `{"applicationUrl": "http://localhost:5227"}`,
		}, []string{"port 8080"}, []string{"52"}},
		{"the top of a workspace", []string{
			"package.json", `{"workspaces":["app"],"scripts":{"start":"yarn --cwd app start","build":"x"},"devDependencies":{"vite":"7"}}`,
			"app/package.json", `{"name":"app","scripts":{"start":"vite","build":"vite build"}}`, "app/vite.config.mts", "x\n", "app/index.html", "<html>\n",
		}, []string{"app (app)", "language static", "framework vite"}, []string{"(.)"}},
		{"options of a start script", []string{
			"package.json", `{"scripts":{"start":"node --require ./trace.js index.js"}}`, "index.js", "new grpc.Server()\n", "trace.js", "x\n",
		}, []string{"entry index.js"}, nil},
		{"a part that a tool loads is not started", []string{
			"package.json", `{"main":"app.js","scripts":{"start":"fastify start app.js"},"dependencies":{"fastify":"5","fastify-cli":"7"}}`, "app.js", "module.exports = async () => {}\n",
		}, []string{"port 3000", "kind service"}, []string{"entry"}},
		{"dependencies of a workspace of Cargo", []string{
			"Cargo.toml", "[package]\nname = \"a\"\n[dependencies]\nactix-web.workspace = true\n", "src/main.rs", "fn main() {\n  let key = env::var(\"A_KEY\").unwrap_or(\"0123456789\".into());\n  x.bind((\"0.0.0.0\", 8088));\n}\n",
		}, []string{"framework actix", "protocol http", "port 8088"}, []string{"0123"}},
		{"an image of what is built elsewhere", []string{
			"docker/bank/Dockerfile", "FROM alpine:3\nCOPY bank /bank\nCMD [\"/bank\"]\n",
		}, []string{"bank (docker/bank)"}, []string{"kind"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			fsys := files(c.tree...)
			d := detect.Scan(fsys, detect.Options{})
			check(t, fsys, d)
			got := strings.Join(strings.Fields(strings.ReplaceAll(summary(d), "\n", " ; ")), " ") + " "
			for _, w := range c.want {
				if !strings.Contains(" "+got, " "+w+" ") {
					t.Errorf("no %q in\n%s", w, summary(d))
				}
			}
			for _, n := range c.not {
				if strings.Contains(summary(d), n) {
					t.Errorf("%q in\n%s", n, summary(d))
				}
			}
		})
	}
}
