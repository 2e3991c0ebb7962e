// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package image

import (
	"path"
	"strings"
)

// javas are the releases with long support; the newest first.
var javas = []int{25, 21, 17, 11, 8}

// javaImages are the images of one release.
type javaImages struct{ jdk, maven, gradle, run string }

func (r *recipe) javaImages() (javaImages, error) {
	wanted := 0
	if v := r.s.Version.String(); v != "" {
		declared, ok := parse(v)
		if !ok || declared.major > javas[0] {
			return javaImages{}, r.refuse("", "expected a release of Java that has an image (up to %d), found %s", javas[0], v)
		}
		wanted = declared.major
	}
	use := javas[0]
	for _, v := range javas {
		if v >= wanted && wanted > 0 {
			use = v // the oldest that can build it
		}
	}
	if g, ok := r.trait("gradle"); ok && wanted == 0 {
		if g, ok := parse(g); ok && g.compare(release{9, 1}) < 0 {
			use = 21 // what this Gradle runs on
		}
	}
	n := release{use, -1}.String()
	images := javaImages{
		jdk: "eclipse-temurin:" + n + "-jdk-noble", maven: "maven:3.9-eclipse-temurin-" + n + "-noble", gradle: "gradle:9-jdk" + n + "-noble",
		run: "gcr.io/distroless/java" + n + "-debian13:nonroot",
	}
	if use < 17 {
		images.run = "eclipse-temurin:" + n + "-jre-noble"
	}
	return images, nil
}

// java builds bytecode, which is the same on all processors, in one of four
// layouts: Spring Boot's layers, one jar, Quarkus' folder, or jars and a class.
func java(r *recipe) error {
	images, err := r.javaImages()
	if err != nil {
		return err
	}
	if r.is("war") {
		return r.refuse("", "expected a program that runs by itself, found a war for an application server")
	}
	layout, err := r.javaLayout()
	if err != nil {
		return err
	}
	if r.s.Build.String() == "gradle" {
		r.gradle(images, layout)
	} else {
		r.maven(images, layout)
	}
	r.from(images.run, "")
	r.line("WORKDIR /app")
	options := `JAVA_TOOL_OPTIONS="-XX:MaxRAMPercentage=75 -Djava.io.tmpdir=/tmp"`
	argv := []string{"java", "-jar", "app.jar"}
	switch layout {
	case layered:
		for _, layer := range []string{"dependencies", "spring-boot-loader", "snapshot-dependencies", "application"} {
			r.line("COPY --from=build /out/%s/ ./", layer)
		}
	case quarkus:
		for _, part := range []string{"lib/ ./lib/", "*.jar ./", "app/ ./app/", "quarkus/ ./quarkus/"} {
			r.line("COPY --from=build /out/%s", part)
		}
		argv[2] = "quarkus-run.jar"
		options = strings.Replace(options, "-Djava.io", "-Dquarkus.http.host=0.0.0.0 -Djava.io", 1)
	case oneJar:
		r.line("COPY --from=build /out/app.jar ./")
	case classPath:
		r.line("COPY --from=build /out/lib/ ./lib/")
		argv = []string{"java", "-cp", "lib/*", r.s.Entry.String()}
	}
	r.assets()
	r.env(options)
	r.leave("**/target", "**/.gradle", "**/build", "**/bin", "**/*.class", "**/src/test")
	r.start(argv...)
	return nil
}

// layout is how a program of Java is made of files.
type layout int

const (
	layered   layout = iota // Spring Boot, dependencies apart from what changes
	oneJar                  // all in one
	quarkus                 // Quarkus' fast jar
	classPath               // jars, and the class to start
)

func (r *recipe) javaLayout() (layout, error) {
	entry := r.s.Entry.String()
	switch framework := r.s.Framework.String(); {
	case framework == "liberty":
		return 0, r.refuse("", "expected a program that runs by itself, found one for Open Liberty")
	case framework == "quarkus":
		return quarkus, nil
	case r.is("boot-plugin"):
		v, _ := r.trait("spring-boot")
		if known, ok := parse(v); ok && known.compare(release{3, 3}) >= 0 {
			return layered, nil
		}
		return oneJar, nil // older ones split themselves in another way
	case framework == "spring-boot":
		return 0, r.refuse("add the plugin spring-boot-maven-plugin, or org.springframework.boot", "expected the plugin that makes a jar of Spring Boot, found none")
	case r.is("fat-jar"):
		return oneJar, nil
	case entry == "" || entry == framework:
		return 0, r.refuse("", "expected a class with a main method, found none")
	case r.s.Build.String() == "gradle" && !r.is("application"):
		return 0, r.refuse("plugins { id 'application' }", "expected the plugin application, which collects what runs, found none")
	}
	return classPath, nil
}

// bundle makes one jar what the layout asks for.
func bundle(jar string, l layout) []string {
	if l == layered {
		return []string{"cp " + jar + " app.jar", "java -Djarmode=tools -jar app.jar extract --layers --destination /out"}
	}
	return []string{"mkdir -p /out", "cp " + jar + " /out/app.jar"}
}

func (r *recipe) maven(images javaImages, l layout) {
	r.native(images.maven, "build")
	r.line("WORKDIR /src")
	mounts := cache("/root/.m2")
	command, target := "mvn -B -ntp -DskipTests package", path.Join(r.dir(), "target")
	if r.is("module") {
		command += " -pl " + r.dir() + " -am"
	} else {
		r.copy("./", r.among(".", "pom.xml")...)
		r.run(mounts, "mvn -B -ntp dependency:go-offline")
	}
	r.copy("./", ".")
	switch l {
	case quarkus:
		r.run(mounts, command, "cp -a "+target+"/quarkus-app /out")
	case classPath:
		if r.is("module") {
			command = strings.Replace(command, "package", "install", 1) // for its neighbours to be found
		}
		r.run(mounts, command, "mvn -B -ntp "+r.only()+"dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory=/out/lib", "cp "+target+"/*.jar /out/lib/")
	default:
		// Two jars are one too many: cp stops the build.
		r.run(mounts, append([]string{command, "rm -f " + target + "/original-*.jar"}, bundle(target+"/*.jar", l)...)...)
	}
}

// only limits Maven to the service's module.
func (r *recipe) only() string {
	if r.is("module") {
		return "-pl " + r.dir() + " "
	}
	return ""
}

func (r *recipe) gradle(images javaImages, l layout) {
	tool := "gradle"
	if r.has("gradlew") && r.has("gradle/wrapper/gradle-wrapper.properties") {
		tool = "sh gradlew"
		r.native(images.jdk, "build")
	} else {
		r.native(images.gradle, "build")
		r.warn("no Gradle wrapper: it is built with the newest Gradle 9", "gradle wrapper, and commit it")
	}
	r.line("WORKDIR /src")
	tool += " --no-daemon "
	mounts := cache("/root/.gradle")
	project, out := "", path.Join(r.dir(), "build")
	if r.is("module") {
		project = ":" + strings.ReplaceAll(r.dir(), "/", ":") + ":"
	} else {
		r.copy("./", r.among(".", "gradlew", "settings.gradle", "settings.gradle.kts", "build.gradle", "build.gradle.kts", "gradle.properties", "gradle.lockfile")...)
		if r.has("gradle/wrapper/gradle-wrapper.properties") || r.has("gradle/libs.versions.toml") {
			r.copy("gradle/", "gradle/")
		}
		r.run(mounts, tool+"dependencies > /dev/null")
	}
	r.copy("./", ".")
	switch l {
	case quarkus:
		r.run(mounts, tool+project+"quarkusBuild", "cp -a "+out+"/quarkus-app /out")
	case classPath:
		r.run(mounts, tool+project+"installDist", "mkdir -p /out/lib", "cp "+out+"/install/*/lib/*.jar /out/lib/")
	case oneJar, layered:
		task := "bootJar"
		if !r.is("boot-plugin") {
			task = "shadowJar"
		}
		r.run(mounts, append([]string{tool + project + task}, bundle(out+"/libs/*.jar", l)...)...)
	}
}
