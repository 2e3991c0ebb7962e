// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package api

// Detection is what a source tree says about the services in it. Nothing in it
// is guessed: a fact without evidence has no value, and a fact whose evidence
// disagrees at the top has none either and says so.
type Detection struct {
	TypeMeta
	Services []DetectedService `json:"services"`
	Backing  []DetectedBacking `json:"backing"`
	// Ambiguous names the facts that evidence does not decide.
	Ambiguous []DetectedTie `json:"ambiguous"`
	// Notes say what was left out, and why.
	Notes []string `json:"notes,omitempty"`
}

// DetectedEvidence is one observation.
type DetectedEvidence struct {
	Value string `json:"value"`
	// Source is the rule that made the observation: "dockerfile EXPOSE".
	Source string `json:"source"`
	// File is a slash path from the scanned folder. Line counts from 1; it is 0
	// where the presence of the file is all there is to see.
	File string `json:"file"`
	Line int    `json:"line,omitempty"`
	// Quote stands on that line, letter by letter; empty when Line is 0.
	Quote string `json:"quote,omitempty"`
	// Confidence is in percent.
	Confidence int `json:"confidence"`
}

// DetectedFact is a question with one answer.
type DetectedFact struct {
	// Value is null when there is no evidence, or no decision between the best.
	Value *string `json:"value"`
	// Ambiguous are the values that share the highest confidence, when several do.
	Ambiguous []string `json:"ambiguous,omitempty"`
	// Evidence has the highest confidence first.
	Evidence []DetectedEvidence `json:"evidence,omitempty"`
}

// String is the value, or empty.
func (f DetectedFact) String() string {
	if f.Value == nil {
		return ""
	}
	return *f.Value
}

// DetectedService is one thing to build an image of and run.
type DetectedService struct {
	Name string `json:"name"`
	// Dir is its folder, from the scanned one; "." is that itself.
	Dir string `json:"dir"`
	// Context is the folder to build in: Dir, or the top of the module or workspace
	// above it whose files the build reads too.
	Context string `json:"context"`
	// Boundary is why a service begins here.
	Boundary []DetectedEvidence `json:"boundary"`
	// Language is go, node, python, java, dotnet, rust, php, ruby or static.
	Language  DetectedFact `json:"language"`
	Framework DetectedFact `json:"framework"`
	// Build is the tool that resolves dependencies: npm, pnpm, maven, uv and so on.
	Build DetectedFact `json:"build"`
	// Version is the release of the language that the manifests ask for, as they
	// write it: 1.26, >=22, net10.0.
	Version DetectedFact `json:"version"`
	// Kind is service or worker.
	Kind DetectedFact `json:"kind"`
	// Entry is what is started, in the language's terms: a main package, a file, a class.
	Entry DetectedFact `json:"entry"`
	// Start is a command line that something in the tree already states.
	Start DetectedFact `json:"start"`
	// Port is the main port, MorePorts are others that something listens on.
	Port      DetectedFact       `json:"port"`
	MorePorts []DetectedEvidence `json:"morePorts"`
	// Protocol is http, grpc or tcp, that of Port.
	Protocol DetectedFact `json:"protocol"`
	// Dockerfile is the path of one that exists, User the user it ends with.
	Dockerfile DetectedFact `json:"dockerfile"`
	User       DetectedFact `json:"user"`
	// Health are endpoints: a path, or "grpc" for the gRPC health protocol.
	Health []DetectedEvidence `json:"health"`
	Env    []DetectedEnv      `json:"env"`
	Calls  []DetectedCall     `json:"calls"`
	// Assets are files and folders read at run time, from Dir.
	Assets []DetectedEvidence `json:"assets"`
	// BuildFiles are the manifests, lock files and settings that a build reads, as
	// paths from Context. They and Traits are not looked for where there is a
	// Dockerfile: that says it all.
	BuildFiles []DetectedEvidence `json:"buildFiles"`
	// Traits are what else decides how an image is built. Each is a name, or a name
	// and what it is about: "cgo", "package-manager pnpm@10.1.0".
	Traits []DetectedEvidence `json:"traits"`
}

// DetectedEnv is an environment variable that the program reads.
type DetectedEnv struct {
	Name string `json:"name"`
	// Need is "required" (it fails without), "optional" (it has a default or is
	// checked), "conditional" (needed when another variable is set) or "unknown".
	Need string `json:"need"`
	// Default is null when none is written down, and when it may be a secret.
	Default  *string            `json:"default"`
	Evidence []DetectedEvidence `json:"evidence"`
}

// DetectedCall is an edge to another service or a backing store of the tree.
type DetectedCall struct {
	To string `json:"to"`
	// Env is the variable that takes the address; empty where it is a literal.
	Env      string             `json:"env,omitempty"`
	Evidence []DetectedEvidence `json:"evidence"`
}

// DetectedBacking is a database, a queue or a cache that is run, not built.
type DetectedBacking struct {
	Name string `json:"name"`
	// Image is as it stands; Store is its kind: redis, postgres and so on.
	Image    string             `json:"image"`
	Store    string             `json:"store"`
	Port     int                `json:"port,omitempty"`
	Evidence []DetectedEvidence `json:"evidence"`
}

// DetectedTie is a fact that is not decided.
type DetectedTie struct {
	Service string             `json:"service"`
	Fact    string             `json:"fact"`
	Between []DetectedEvidence `json:"between"`
}
