# Every target says what it does; `make help` lists them.
SHELL         := /bin/bash
.SHELLFLAGS   := -euo pipefail -c
.DEFAULT_GOAL := help

CACHE  ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/platform
PINNED := 3.257.0
LINT   := 2.5.0
ACTIONLINT := $(shell sed -nE 's|^.*github.com/rhysd/actionlint v([^ ]+).*$$|\1|p' tests/tools/actionlint/go.mod)
# An installed Pulumi is used; else the pinned one is built once from its module.
PULUMI ?= $(or $(shell command -v pulumi 2>/dev/null),$(CACHE)/pulumi-$(PINNED)/pulumi)
export PULUMI_SKIP_UPDATE_CHECK := true
# Prometheus and Alertmanager serve the tests of the alerts; go.mod pins them.
PINNED_OF = $(shell sed -nE 's|^.*github.com/prometheus/$(1) v([^ ]+).*$$|\1|p' tests/prometheus/go.mod)
SERVERS  := $(CACHE)/prometheus-$(call PINNED_OF,prometheus)-$(call PINNED_OF,alertmanager)

ENV   ?= dev-aws
# Only the SDKs of the environment's cloud are built for a rehearsal.
CLOUD := $(shell sed -nE 's/^ *cloud: *([a-z]+).*$$/\1/p' stacks/Pulumi.$(ENV).yaml 2>/dev/null)
KEEP  ?=
SCALE ?= 0
# Which benchmarks run, as in cloud=aws or cloud=aws/services=100; all if empty. TURNS is how often each is measured, an odd number; as the size
# asks for if empty.
BENCH ?=
TURNS ?=
# Set YES=1 in a pipeline, where nobody can be asked.
YES   ?=

.PHONY: help pulumi test alerts collectors check workflows rehearse rehearsal-preview rehearsal-outputs down golden access deploy-roles deploy-role lifecycle parity policies bench bench-speed bench-build \
	durations program preview up destroy clean-tree on-main installed account touched waves review comment plan changes apply drift rebuild recover state-backup reap ephemeral-up ephemeral-list ephemeral-extend ephemeral-down FORCE

help: ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | awk -F'\t' '{printf "  %-20s %s\n", $$1, $$2}'

pulumi: $(PULUMI) ## Find the Pulumi command, or build the pinned one once

$(CACHE)/pulumi-$(PINNED)/pulumi:
	@echo "Pulumi is not installed: building the pinned $(PINNED) from its module (once; about five minutes and 2 GB)"
	@mkdir -p $(@D)
	@cd tests/tools && go build -ldflags "-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v$(PINNED)" \
		-o $@.tmp github.com/pulumi/pulumi/pkg/v3/cmd/pulumi || \
		{ echo "the Pulumi command did not build: check that the module proxy answers (go env GOPROXY) and that 2 GB are free" >&2; exit 1; }
	@mv $@.tmp $@

# Without the discovery of what clouds hold, which nobody needs here and takes most of the build.
$(SERVERS)/prometheus:
	@echo "building the pinned Prometheus from its module (once)"
	@mkdir -p $(@D)
	@cd tests/prometheus && go build -tags remove_all_sd -o $@.tmp github.com/prometheus/prometheus/cmd/prometheus || \
		{ echo "Prometheus did not build: check that the module proxy answers (go env GOPROXY) and that 1 GB is free" >&2; exit 1; }
	@mv $@.tmp $@

# In a copy of its module, for two reasons: the module lacks the pages that it embeds, which npm makes, so that empty ones stand for
# them; and it asks for an older version of a library than Prometheus does, so that no module can build both.
$(SERVERS)/alertmanager:
	@echo "building the pinned Alertmanager from its module (once)"
	@mkdir -p $(@D) && rm -rf $@.src
	@cd tests/prometheus && go mod download github.com/prometheus/alertmanager && \
		cp -r "$$(go list -m -f '{{.Dir}}' github.com/prometheus/alertmanager)" $@.src && chmod -R u+w $@.src && cd $@.src && \
		mkdir -p ui/app/dist/elm ui/app/dist/mantine && touch ui/app/dist/{elm,mantine}/index.html && \
		go build -o $@.tmp ./cmd/alertmanager || \
		{ echo "Alertmanager did not build: check that the module proxy answers (go env GOPROXY) and that 1 GB is free" >&2; exit 1; }
	@rm -rf $@.src
	@mv $@.tmp $@

bin/rehearse-$(CLOUD): FORCE
	@test -n "$(CLOUD)" || { echo "there is no environment $(ENV): there are $(patsubst stacks/Pulumi.%.yaml,%,$(wildcard stacks/Pulumi.*.yaml))" >&2; exit 1; }
	@echo "building the rehearsal of $(CLOUD) (a cold compile of its SDKs takes some minutes, a warm one seconds)"
	@go build -tags $(CLOUD) -o $@ ./tests/rehearsal/cmd/rehearse

# A command starts at once, where Pulumi would compile the pack's folder anew for each preview. A Pulumi before
# $(PINNED) takes only the folder: POLICIES=policies.
POLICIES ?= bin/policies
PACK      = $(filter bin/%,$(POLICIES))
# The engine starts it in the program's folder, so that a path that is not whole is not found.
JUDGE     = $(abspath $(POLICIES))

bin/policies: FORCE
	@go build -o $@ ./policies

# The operator's command.
bin/lifecycle: FORCE
	@go build -o $@ ./stacks/lifecycle

FORCE:

REHEARSE = bin/rehearse-$(CLOUD) -env $(ENV) -pulumi $(PULUMI) -policies $(POLICIES)

rehearse: $(PULUMI) bin/rehearse-$(CLOUD) $(PACK) ## Rehearse ENV on the simulated clouds: up, checks, destroy, empty, rebuilt (KEEP=1 leaves it up)
	@$(REHEARSE) $(if $(KEEP),-keep) -scale $(SCALE) run

rehearsal-preview: $(PULUMI) bin/rehearse-$(CLOUD) $(PACK) ## Preview changes of the code against a kept rehearsal of ENV
	@$(REHEARSE) preview

rehearsal-outputs: $(PULUMI) bin/rehearse-$(CLOUD) ## Print the stack outputs of a kept rehearsal of ENV
	@$(REHEARSE) outputs

down: $(PULUMI) bin/rehearse-$(CLOUD) $(PACK) ## End a kept rehearsal of ENV
	@$(REHEARSE) down

test: $(PULUMI) $(SERVERS)/prometheus $(SERVERS)/alertmanager ## Run every test
	@echo "running the tests with $(PULUMI) (a cold compile of the SDKs takes some minutes)"
	@PLATFORM_PULUMI=$(PULUMI) PLATFORM_PROMETHEUS=$(SERVERS) go test -timeout 80m ./... || \
		{ echo "a test failed: its name and message are above; run it alone with PLATFORM_PULUMI=$(PULUMI) PLATFORM_PROMETHEUS=$(SERVERS) go test ./<package> -run <name>" >&2; exit 1; }
	@$(MAKE) --no-print-directory alerts collectors

alerts: ## Run the tests of alerts and dashboards, by Prometheus's and Alertmanager's own code (a module of its own: docs/decisions/alerting.md)
	@echo "testing alerts with Prometheus's own engine (a cold compile of it takes about a minute)"
	@cd tests/prometheus && go test -timeout 20m ./... || \
		{ echo "a test of alerts failed: its name and message are above; run it alone with cd tests/prometheus && go test ./<package> -run <name>" >&2; exit 1; }

collectors: ## Let the collector's own code judge what it is told (a module of its own: docs/decisions/telemetry.md)
	@echo "testing the collectors' configuration with their own code (a cold compile of it takes some minutes)"
	@cd tests/collector && go test -timeout 20m ./... || \
		{ echo "a test of the collectors failed: its name and message are above; run it alone with cd tests/collector && go test -run <name>" >&2; exit 1; }

LINTER := $(CACHE)/golangci-lint-$(LINT)/golangci-lint

$(LINTER):
	@echo "building the pinned linter $(LINT) from its module (once; about three minutes and 1 GB)"
	@mkdir -p $(@D)
	@cd tests/tools/lint && go build -o $@.tmp github.com/golangci/golangci-lint/v2/cmd/golangci-lint || \
		{ echo "the linter did not build: check that the module proxy answers (go env GOPROXY) and that 1 GB is free" >&2; exit 1; }
	@mv $@.tmp $@

WORKFLOWS := $(CACHE)/actionlint-$(ACTIONLINT)/actionlint

$(WORKFLOWS):
	@echo "building the pinned linter of workflows $(ACTIONLINT) from its module (once)"
	@mkdir -p $(@D)
	@cd tests/tools/actionlint && go build -o $@.tmp github.com/rhysd/actionlint/cmd/actionlint || \
		{ echo "the linter of workflows did not build: check that the module proxy answers (go env GOPROXY)" >&2; exit 1; }
	@mv $@.tmp $@

# Steps run make alone: what shell there is stands in this file.
workflows: $(WORKFLOWS) ## Lint the workflows
	@echo "linting the workflows"
	@$(WORKFLOWS) -shellcheck= -pyflakes=

check: $(LINTER) workflows ## Format, vet and lint
	@echo "checking the format"
	@test -z "$$(gofmt -l .)" || { gofmt -d . ; echo "run gofmt -w ." >&2; exit 1; }
	@echo "vetting"
	@go vet ./...
	@echo "linting"
	@$(LINTER) run --timeout 20m ./...

golden: $(PULUMI) ## Rewrite the golden inventories after a wanted change, and what is made from them: docs/access, docs/deploy-role
	@PLATFORM_PULUMI=$(PULUMI) UPDATE_GOLDEN=1 UPDATE_ACCESS=1 go test -count=1 -run TestTheInventoryIsTheGoldenOne ./tests/environments
	@$(MAKE) --no-print-directory deploy-roles

access: $(PULUMI) ## Rewrite who may do what in each environment (docs/access), from what the golden test builds
	@PLATFORM_PULUMI=$(PULUMI) UPDATE_ACCESS=1 go test -count=1 -run TestTheInventoryIsTheGoldenOne ./tests/environments

deploy-roles: ## Rewrite what the pipeline's role needs in each environment (docs/deploy-role), from the golden inventories
	@UPDATE_GOLDEN=1 go test -count=1 -run TestTheDeployRolesAreWritten ./stacks/lifecycle/role

FOR ?= deploy
deploy-role: bin/lifecycle ## Print what the role that deploys ENV needs, and no more (FOR=preview for the one that previews, FOR=inventory for what asks what is there, FOR=orphans for what ends what a lost cluster left)
	@bin/lifecycle deploy-role --environment $(ENV) --for $(FOR) --inventory tests/environments/testdata/$(ENV).txt

lifecycle: bin/lifecycle ## Build the operator's command, bin/lifecycle

parity: ## Rewrite the table of what each cloud gives from what the drivers declare
	@UPDATE_GOLDEN=1 go test -count=1 -run TestTheParityTable ./tests/contract

durations: ## Rewrite what operations take by the simulated clouds, for reviews
	@UPDATE_GOLDEN=1 go test -count=1 -run TestTheModelledTimes ./tests/world

policies: ## Rewrite the page of the policies from the rules
	@UPDATE_GOLDEN=1 go test -count=1 -run TestThePageOfTheRules ./policies/rules

# A pattern ends where it is meant to: services=10 is not services=100.
bench-speed: $(PULUMI) ## Compare the blueprint with the raw engine, and previews with and without policies (BENCH=cloud=aws or cloud=aws/services=100 for a part, TURNS=3 for a first look)
	@echo "comparing with the raw engine: a company of 10 services takes seven minutes, one of 100 some ten, one of 500 some twenty"
	@PLATFORM_PULUMI=$(PULUMI) PLATFORM_TURNS=$(TURNS) go test -run '^$$' -bench '(Blueprint|Policies)/$(if $(BENCH),$(BENCH)$$)' -benchtime 1x -timeout 180m ./tests/bench

bench-build: ## Measure time and memory of a cold and a warm build, for each cloud alone and for all (BENCH=cloud=aws for one)
	@echo "building with an empty cache: three to ten minutes for a cloud, fifteen for all, on two cores; 8 GB of memory"
	@go test -run '^$$' -bench 'Build/$(if $(BENCH),$(firstword $(subst /, ,$(BENCH)))$$)' -benchtime 1x -timeout 180m ./tests/bench/build

bench: bench-speed ## Compare with the raw engine, then measure the build
	@$(MAKE) --no-print-directory bench-build

program: ## Build the Pulumi program
	@echo "building the program (a cold compile of all clouds' SDKs takes some fifteen minutes, a warm one seconds)"
	@go build -o bin/platform ./stacks

# A real account is changed only from what is in Git, so that it can be built again from there.
clean-tree:
	@test -z "$$(git status --porcelain)" || { echo "there are changes that are not committed: commit or stash them first" >&2; git status --short >&2; exit 1; }

# A real account is changed only by what was reviewed and merged.
MAIN ?= origin/main
on-main:
	@git merge-base --is-ancestor HEAD $(MAIN) || { echo "$$(git rev-parse --short HEAD) is not on $(MAIN): merge it first, or fetch $(MAIN) if it is not known here" >&2; exit 1; }

account: bin/lifecycle
	@bin/lifecycle preflight $(ENV) --for account

# The command that rehearsals build has no language host, which they do not need.
installed:
	@command -v pulumi >/dev/null || { echo "Pulumi is not on the PATH: install $(PINNED) or later, with its language host for Go (https://www.pulumi.com/docs/install)" >&2; exit 1; }

# Where previews are told, for the guard, for reviews and for an apply.
OUT   ?= $(CURDIR)/bin
EVENTS = $(OUT)/preview-$(ENV).json
DIGEST = $(OUT)/digest-$(ENV).json
PLAN   = $(OUT)/plan-$(ENV).json

# Where copies of states are kept: whatever changes an environment makes one first.
COPIES ?= .cache/state
BACKUP  = bin/lifecycle state backup --folder '$(COPIES)' $(ENV)

# An up compares the program with the state. Set REFRESH=1 to compare it with the cloud, so that what somebody changed there by hand is put
# right; each thing is read then, which takes minutes in a large environment.
REFRESH ?=
READ     = $(if $(REFRESH), --refresh)

# One preview for the operator, who reads it, and for the guard, which reads its events: Pulumi writes these to a file
# only where commands may be debugged, as its Automation API does it.
preview: installed account clean-tree program $(PACK) bin/lifecycle ## Preview ENV in a real account; the guard says what would be lost (REFRESH=1 reads the cloud first)
	@rm -f $(EVENTS)
	@PULUMI_DEBUG_COMMANDS=true pulumi preview --stack $(ENV) --diff --policy-pack $(JUDGE)$(READ) --event-log $(EVENTS)
	@bin/lifecycle guard --stack $(ENV) --preview $(EVENTS)

# Where nobody is asked, nobody reads a second preview.
up: on-main preview state-backup ## Bring ENV up in a real account, if the guard lets pass what the preview shows (REFRESH=1 puts drift right)
	@pulumi up --stack $(ENV) --policy-pack $(JUDGE)$(READ) $(if $(YES),--yes --skip-preview)

# What a preview tells: its events to a file, and its document, those that stay included, by which access is compared. A preview that
# failed is told as far as it went.
TELL   = PULUMI_DEBUG_COMMANDS=true pulumi preview --stack $(ENV) --policy-pack $(JUDGE) --json --show-sames --show-replacement-steps --event-log $(EVENTS)
REVIEW = bin/lifecycle review --environment $(ENV) --events $(EVENTS) --preview $(DIGEST)
FORMAT ?= text
BASE   ?= origin/main

touched: bin/lifecycle ## Print the environments that a change from BASE touches (REHEARSAL=1 for the rehearsals, FORMAT=json or output)
	@bin/lifecycle touched --base $(BASE) --format $(FORMAT) $(if $(REHEARSAL),--rehearsal)

waves: bin/lifecycle ## Print the environments that the pipeline keeps up, by tier (FORMAT=json or output)
	@bin/lifecycle waves --format $(FORMAT)

review: installed account program $(PACK) bin/lifecycle ## Preview ENV, and print what the change would do to it
	@mkdir -p $(OUT)/reviews && rm -f $(EVENTS) $(DIGEST)
	@$(TELL) > $(DIGEST) || echo "the preview failed: the review says why" >&2
	@$(REVIEW) --report $(OUT)/reviews/$(ENV).json

comment: bin/lifecycle ## Write the reviews of the EXPECTED environments into the pull request PR, as one comment
	@bin/lifecycle comment --reports $(OUT)/reviews --expected '$(EXPECTED)' --pull-request $(PR) --commit $(COMMIT)

# What is approved is what is done: the plan of this preview.
plan: installed account clean-tree on-main program $(PACK) bin/lifecycle ## Preview ENV, print what an apply would do, and keep that as the plan of the apply
	@mkdir -p $(OUT) && rm -f $(EVENTS) $(DIGEST) $(PLAN)
	@$(TELL) --save-plan $(PLAN) > $(DIGEST) || echo "the preview failed: the review says why" >&2
	@$(REVIEW)

changes: bin/lifecycle ## Print how many things the plan of ENV changes, for a workflow
	@$(REVIEW) --format output

apply: installed account clean-tree on-main program $(PACK) bin/lifecycle ## Do to ENV what its plan says, and nothing else
	@test -s $(PLAN) || { echo "$(PLAN) is not there: make plan ENV=$(ENV) makes it" >&2; exit 1; }
	@$(BACKUP)
	@pulumi up --stack $(ENV) --policy-pack $(JUDGE) --plan $(PLAN) --yes --skip-preview

drift: installed account program bin/lifecycle ## Print what differs from Git in ENV, how bad it is, and whether an up puts it right (ISSUE=1 keeps the issue of it)
	@bin/lifecycle drift $(if $(ISSUE),--issue) $(ENV)

# The environment's name, typed out, where it is protected.
CONFIRM ?=
destroy: installed bin/lifecycle program ## Destroy ENV in a real account, and what its cluster left; a preview comes first (CONFIRM=<its name> and a waiver where it is protected)
	@bin/lifecycle preflight $(ENV) --for destroy --confirm '$(CONFIRM)'
	@$(BACKUP)
	@pulumi destroy --preview-only --stack $(ENV)
	@pulumi destroy --stack $(ENV) $(if $(YES),--yes) || bin/lifecycle orphans $(ENV) --destroy
	@bin/lifecycle orphans $(ENV)

rebuild: installed account on-main program $(PACK) bin/lifecycle ## Destroy ENV in a real account, prove that nothing is left, build it again from Git, and compare (CONFIRM as for destroy)
	@bin/lifecycle rebuild $(ENV) --confirm '$(CONFIRM)' --policies $(POLICIES) --copies '$(COPIES)'

recover: installed program bin/lifecycle ## Settle what a run on ENV left that died (DEAD=1 takes its lock away)
	@bin/lifecycle recover $(ENV) $(if $(DEAD),--dead) --copies '$(COPIES)'

state-backup: bin/lifecycle ## Copy the state of ENV, secrets encrypted (bin/lifecycle state lists and restores copies)
	@$(BACKUP)

# Environments that live for some hours. The program has all clouds, and which account it is the command asks itself.
NAME     ?=
ON       ?=
OWNER    ?=
TTL      ?=
SERVICES ?=
BY       ?=
SECRETS  ?=
EPHEMERAL = bin/lifecycle ephemeral $(1) $(if $(SECRETS),--secrets-provider '$(SECRETS)')

ephemeral-up: program $(PACK) bin/lifecycle ## Bring up NAME for some hours ON a cloud, for OWNER (TTL=8h, SERVICES=payments)
	@$(call EPHEMERAL,up) --name '$(NAME)' --cloud '$(ON)' --owner '$(OWNER)' $(if $(TTL),--ttl '$(TTL)') $(if $(SERVICES),--services '$(SERVICES)')

ephemeral-list: bin/lifecycle ## List the environments that live for some hours
	@bin/lifecycle ephemeral list

ephemeral-extend: bin/lifecycle ## Prolong the life of NAME BY a time, as 4h
	@bin/lifecycle ephemeral extend --name '$(NAME)' --by '$(BY)'

ephemeral-down: program $(PACK) bin/lifecycle ## End NAME now, and prove that nothing is left
	@$(call EPHEMERAL,down) --name '$(NAME)'

reap: program $(PACK) bin/lifecycle ## End the environments whose hours are over (ON=aws for those on one cloud)
	@$(call EPHEMERAL,reap) $(if $(ON),--cloud '$(ON)')
