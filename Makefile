# SPDX-FileCopyrightText: The kubectl micro authors
# SPDX-License-Identifier: Apache-2.0

SHELL       := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

# A release is named by its tag; before there is one it is a preview of the next.
RELEASE ?= $(or $(filter v%,$(VERSION)),v0.0.0-devel)
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo devel)
LDFLAGS := -s -w -X main.version=$(VERSION)
BIN     := $(CURDIR)/bin
PREFIX  ?= $(shell go env GOPATH)/bin
PLUGINS := scaffold canary diagnose secure monitor
# What writes files of the repository; each takes -check.
GENERATORS := gen-schema gen-picture gen-docs gen-recording
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2

# What has goroutines of its own.
RACY := $(addprefix ./pkg/,app cli cluster doctor/probe forward prom render rules scrape source tail telemetry tui world)

# The control plane for tests reports the version it was built from.
SANDBOX_VERSION := v1.36.3
SANDBOX := $(BIN)/sandbox
export PATH := $(BIN):$(PATH)

# Of Debian's packages prometheus is a 2.
PROMETHEUS3 := $(BIN)/prometheus3
export SANDBOX_BIN := $(SANDBOX)

.PHONY: help
help: ## Show the targets
	@awk 'BEGIN {FS = ":.*## "} /^[a-z0-9-]+:.*## / {printf "  %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: build
build: ## Build bin/kubectl-micro with its links
	@mkdir -p $(BIN)
	go build -trimpath -ldflags '$(LDFLAGS)' -o $(BIN)/kubectl-micro ./cmd/kubectl-micro
	@ln -sf kubectl-micro $(BIN)/kubectl_complete-micro

.PHONY: install
install: build ## Put kubectl-micro, its completion helper and the plugin links into PREFIX
	@mkdir -p $(PREFIX)
	install -m 0755 $(BIN)/kubectl-micro $(PREFIX)/kubectl-micro
	@# kubectl-micro_NAME answers to "kubectl micro-NAME". A file called
	@# kubectl-micro-NAME would hide the sub-command from kubectl.
	@ln -sf kubectl-micro $(PREFIX)/kubectl_complete-micro
	@for p in $(PLUGINS); do \
	  ln -sf kubectl-micro $(PREFIX)/kubectl-micro_$$p; \
	  ln -sf kubectl-micro $(PREFIX)/kubectl_complete-micro_$$p; \
	done
	@case ":$$PATH:" in *":$(PREFIX):"*) ;; *) \
	  echo "kubectl looks for plugins on the PATH, where the directory is not:"; \
	  echo '  export PATH="$$PATH:$(PREFIX)"';; \
	esac
	@echo "installed in $(PREFIX); try: kubectl micro version --client"

.PHONY: tools
tools: ## Install prometheus, tmux, zsh, fish, bash-completion and gcc for the tests where they are missing
	@hack/install-tools.sh

.PHONY: test
test: lint verify test-unit test-race test-prometheus3 test-lint test-krew test-newcomer test-e2e ## Everything: lint, generated files, unit, architecture, scripts, documentation, races, Prometheus 3, linters of others, Krew, a newcomer, end to end

.PHONY: test-unit
test-unit: build tools ## Tests that need no control plane
	go test -timeout 20m ./cmd/... ./krew/release/... ./pkg/... ./plugins/... ./test/terminal

.PHONY: test-race
test-race: tools ## What runs at the same time, watched by the race detector
	go test -race -timeout 20m $(RACY)

.PHONY: test-prometheus3
test-prometheus3: tools ## What asks a Prometheus, and the tests that come with rules, on Prometheus 3
	@mkdir -p $(PROMETHEUS3)
	cd test/prometheus3 && go build -tags remove_all_sd -o $(PROMETHEUS3)/ -ldflags "-s -w -X github.com/prometheus/common/version.Version=$$(go list -m -f '{{slice .Version 1}}' github.com/prometheus/prometheus)" tool
	PATH=$(PROMETHEUS3):$$PATH go test -timeout 20m -count=1 ./pkg/prom/... ./pkg/slo ./pkg/telemetry ./plugins/monitor

.PHONY: test-lint
test-lint: build ## The linters of others on what the scaffold writes (up to 10 minutes the first time on 2 cores)
	cd test/lint && go test -vet=off -timeout 20m -count=1 ./...
	cd test/lint/dockerfile && go test -vet=off -timeout 20m -count=1 ./...
	cd test/lint/promql && go test -vet=off -timeout 20m -count=1 ./...
	cd test/analyze && go test -vet=off -timeout 20m -count=1 ./...

.PHONY: test-krew
test-krew: ## Install a release of this commit with the real Krew, through the real kubectl
	cd krew/e2e && go test -timeout 20m -count=1 ./...

.PHONY: test-newcomer
test-newcomer: ## Follow README.md from an empty home, with the time from clone to first result; add a rule as docs/add-a-rule.md says
	go test -timeout 20m -count=1 -v ./test/newcomer
	go test -timeout 20m -count=1 ./test/tutorial

.PHONY: newcomer-cold
newcomer-cold: ## The same with nothing downloaded and compiled before (5 to 10 minutes on 2 cores)
	go test -timeout 60m -count=1 -v ./test/newcomer -cold

.PHONY: test-e2e
test-e2e: build sandbox tools ## Tests against the sandbox's control plane
	cd test/sandbox && go test -vet=off -timeout 20m ./internal/...
	go test -timeout 30m -count=1 ./test/e2e/...

.PHONY: lint
lint: ## Formatting, go vet, staticcheck, module files
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { echo "gofmt would change:"; gofmt -l $$(git ls-files '*.go'); exit 1; }
	go mod verify
	go mod tidy -diff
	cd test/sandbox && go mod tidy -diff
	cd test/lint && go mod tidy -diff
	cd test/lint/dockerfile && go mod tidy -diff
	cd test/lint/promql && go mod tidy -diff
	cd test/analyze && go mod tidy -diff
	cd test/prometheus3 && go mod tidy -diff
	cd krew/e2e && go mod tidy -diff
	go vet ./...
	go run $(STATICCHECK) ./...

.PHONY: fmt
fmt: ## Format the Go files
	gofmt -w $$(git ls-files '*.go')

.PHONY: generate
generate: golden ## Write everything that is generated
	@for g in $(GENERATORS); do echo "go run ./cmd/$$g"; go run ./cmd/$$g || exit 1; done

.PHONY: verify
verify: build ## Name generated files that are not what their generators write
	@failed=; for g in $(GENERATORS); do go run ./cmd/$$g -check || failed=1; done; test -z "$$failed"

.PHONY: golden
golden: build sandbox tools ## Accept the present output of tests as the expected one
	@# Only packages that have goldens know the flag.
	go test $$(git grep -lE 'flag\.Bool\("update"|clitest\.Main|rulestest\.' -- 'cmd/*_test.go' 'pkg/*_test.go' 'plugins/*_test.go' | xargs -n1 dirname | sort -u | sed 's|^|./|') -update
	go test -count=1 ./test/e2e -update

.PHONY: sandbox
sandbox: ## Build the control plane for tests (7 to 9 minutes the first time on 2 cores)
	@mkdir -p $(BIN)
	@hack/build-sandbox.sh $(SANDBOX) $(SANDBOX_VERSION)

.PHONY: sandbox-up
sandbox-up: sandbox ## Start a control plane; prints the kubeconfig
	@$(SANDBOX) up

.PHONY: sandbox-down
sandbox-down: ## Stop it
	@$(SANDBOX) down

.PHONY: demo
demo: build sandbox ## Shift traffic in examples/shop-by-hand: as a filter, then on a live control plane
	@hack/demo.sh

.PHONY: bench
bench: build sandbox ## Measure against kubectl; writes docs/performance.md
	go run ./test/bench -binary $(BIN)/kubectl-micro -sandbox $(SANDBOX) -output docs/performance.md

.PHONY: dist
dist: ## Make a release in dist/: archives, SBOMs, checksums, Krew's manifest; RELEASE=v0.1.0 names it (10 minutes the first time)
	@# The compiler of the archives packs them too: another one compresses otherwise.
	GOTOOLCHAIN=go$$(GOWORK=off go list -m -f '{{.GoVersion}}') go run ./krew/release -version $(RELEASE) -time $$(git log -1 --format=%ct)

.PHONY: release-manifest
release-manifest: ## Make a release, RELEASE=v0.1.0, and write its manifest to plugins/micro.yaml
	@[[ $(RELEASE) =~ ^v[0-9]+\.[0-9]+\.[0-9]+$$ ]] || { echo "error: $(RELEASE) is no release; try: make release-manifest RELEASE=v0.1.0" >&2; exit 2; }
	@$(MAKE) dist
	cp dist/micro.yaml plugins/micro.yaml

.PHONY: release-check
release-check: dist ## Make a release again and compare it with plugins/micro.yaml: for the commit that is tagged
	cmp dist/micro.yaml plugins/micro.yaml

.PHONY: clean
clean: ## Remove what was built
	rm -rf $(BIN) dist
