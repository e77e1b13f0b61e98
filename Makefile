# The words people type. What each of them does in npm's terms is in package.json.

SHELL := /bin/sh
BIN := node_modules/.bin
.DEFAULT_GOAL := help

.PHONY: help
help: ## Show this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: install
install: node node_modules/.package-lock.json ## Install what is missing

node_modules/.package-lock.json: package-lock.json
	npm ci --include=dev --no-audit --no-fund
	@touch $@

.PHONY: node
node:
	@command -v node >/dev/null 2>&1 || { echo 'Node.js 20.19 or later is needed: https://nodejs.org' >&2; exit 1; }
	@node build/check-node.cjs

.PHONY: build
build: install ## Make dist/
	node build.mjs

.PHONY: run
run: build ## Start a throw-away issuer on http://localhost:8880
	@exec node dist/asteroid.js dev

.PHONY: test
test: install redis ## Run every test, real servers of Redis, LDAP and PostgreSQL included
	@slapd="$$(sh test/support/install-server.sh slapd)" && initdb="$$(sh test/support/install-server.sh postgresql)" && \
	SLAPD="$$slapd" INITDB="$$initdb" REDIS_SERVER="$$(sh test/support/install-redis.sh)" $(BIN)/vitest run

.PHONY: redis
redis:
	@sh test/support/install-redis.sh >/dev/null

.PHONY: lint
lint: install ## Check style and formatting
	$(BIN)/biome check .

.PHONY: types
types: install ## Check the types
	$(BIN)/tsc --noEmit
	$(BIN)/tsc --noEmit -p test/e2e

.PHONY: dead
dead: install ## Look for dead code and unused packages
	$(BIN)/knip

.PHONY: check
check: lint types dead test ## All of lint, types, dead and test

.PHONY: e2e
e2e: build redis ## Sign in through real proxies and a real Chromium
	@sh test/e2e/install.sh
	@REDIS_SERVER="$$(sh test/support/install-redis.sh)" $(BIN)/vitest run --config test/e2e/vitest.config.ts

.PHONY: deploy-test
deploy-test: build redis ## Hold what is in deploy/ against schemas and parsers, and run it
	@sh test/deploy/install.sh
	@REDIS_SERVER="$$(sh test/support/install-redis.sh)" $(BIN)/vitest run --config test/deploy/vitest.config.ts

.PHONY: bench
bench: bench-memory build redis ## Compare speed and size with peers and with bare node:http
	@REDIS_SERVER="$$(sh test/support/install-redis.sh)" node --import tsx test/bench/bench.ts
	@$(MAKE) --no-print-directory bench-saturation

.PHONY: faults
faults: install redis ## Break Redis, networks and issuers under load, and check that nothing is lost
	@REDIS_SERVER="$$(sh test/support/install-redis.sh)" node --import tsx test/faults/faults.ts
	@REDIS_SERVER="$$(sh test/support/install-redis.sh)" $(BIN)/vitest run --config test/faults/vitest.config.ts

.PHONY: bench-memory
bench-memory: install ## Fill the memory store with a million authorizations
	@node --import tsx test/bench/memory.ts

.PHONY: bench-saturation
bench-saturation: build redis ## Offer more sign-ins than can be done, and see what becomes of them
	@REDIS_SERVER="$$(sh test/support/install-redis.sh)" node --import tsx test/bench/saturation.ts

.PHONY: docs
docs: install ## Write what is generated: schemas and references
	npm run --silent docs

.PHONY: guides
guides: build ## Hold guides to relying parties that are here: make guides RP=gitea
	@node --import tsx test/guides/guides.ts $(RP)

.PHONY: site
site: node docs/node_modules/.package-lock.json ## Make the documentation a site, in docs/.vitepress/dist
	npm run --silent --prefix docs build

docs/node_modules/.package-lock.json: docs/package-lock.json
	npm ci --prefix docs --include=dev --no-audit --no-fund
	@touch $@

.PHONY: image
image: ## Build the container image with docker, podman or buildah
	@sh .ci/image.sh

.PHONY: sbom
sbom: install ## Write the bill of materials (CycloneDX) to sbom.cdx.json
	@node build/sbom.mjs

.PHONY: clean
clean: ## Remove what was made, but not node_modules
	rm -rf dist sbom.cdx.json coverage .cache test/e2e/.output test/faults/.histories
