# Everything a person or CI runs. `make demo` and `make test` need Node 20 or later, git, make and curl; nothing else.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.PHONY: help demo check test test-unit test-conformance test-integration test-versions test-errors test-sleep test-recovery test-timeout \
	test-migration lint docs bench soak storm matrix screenshots monitor-speed build peers clean

VITEST := npx --no-install vitest run

help: ## Shows this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 20

node_modules/.installed: package.json dev/package.json package-lock.json
	@npm ci --no-audit --no-fund --loglevel=error
	@touch $@

build: node_modules/.installed ## Compiles src/ to dist/, and dev/src/ to dev/dist/
	@npm run --silent build

demo: build ## Loads the cities of the world through the real path and shows rows and checkpoint
	@node scripts/demo.mjs

test/servers/node_modules/.installed: test/servers/package.json test/servers/package-lock.json
	@npm ci --prefix test/servers --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

peers: test/servers/node_modules/.installed ## Installs what the tests compare with: older PostgreSQL servers; on Debian as root also Ceph radosgw and Chromium
	@bash scripts/install-test-peers.sh

check: build ## For everyday work: lint, types, unit tests, integration tests of what changed since CHECK_BASE (main)
	@node scripts/check.mjs

test: build peers ## Everything CI runs
	@node scripts/run-tests.mjs

test-unit: node_modules/.installed ## Pure code only, seconds
	@$(VITEST) --project unit

test-conformance: node_modules/.installed ## S3 servers and object stores against one suite each
	@$(VITEST) --project conformance

test-integration: build ## Against real PostgreSQL and S3
	@$(VITEST) --project integration

test-versions: build peers ## Every guarantee on each version of PostgreSQL from 12 on
	@RELYT_TEST_VERSIONS=all $(VITEST) --project versions

test-errors: build ## Error handling: bad records, bad settings, refused imports
	@$(VITEST) test/integration/task/refused- test/integration/records/refusals

test-sleep: build ## Records that trickle in: files are closed and imported by age
	@$(VITEST) test/integration/task -t 'trickle'

test-recovery: build ## The database or S3 goes away and comes back
	@$(VITEST) test/integration/task/interrupted test/crash/outages

test-timeout: build ## An import takes longer than allowed
	@$(VITEST) test/integration/task -t 'longer than it may take|cannot read S3'

test-migration: build ## Groups that move between main and auxiliary table, while loads run and processes die; schema migrations
	@$(VITEST) test/integration/migrate test/integration/routing test/crash/migration test/unit/migrate test/integration/database

lint: build ## Format, lint, layers, unused exports, types, words
	@npx --no-install biome check --error-on-warnings .
	@npx --no-install depcruise src dev/src
	@npx --no-install knip
	@npx --no-install tsc -p tsconfig.json
	@npx --no-install tsc -p src/monitor/page/tsconfig.json
	@node scripts/check-words.mjs

site/node_modules/.installed: site/package.json site/package-lock.json
	@npm ci --prefix site --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

docs: build site/node_modules/.installed ## Writes the generated pages of docs/reference, and builds the site into .cache/site/html
	@node scripts/generate-docs.mjs
	@node scripts/site.mjs

bench: build ## Speed and memory side by side with other ways to load; minutes
	@npx --no-install tsc -p tsconfig.bench.json
	@node --expose-gc .cache/bench/bench/run.js

soak: build ## Random loads and incidents for SOAK_MINUTES (10); SOAK_SEED replays
	@node scripts/soak.mjs

storm: build ## Random schedules of incidents, STORM_SCHEDULES (10000); STORM_SEED replays one
	@node scripts/storm.mjs

matrix: build peers ## Every PostgreSQL, Node, package manager, compiler; writes docs/reference/tested.md; a quarter of an hour
	@node scripts/matrix.mjs --record; status=$$?; node scripts/generate-docs.mjs && exit $$status

screenshots: build peers ## Writes the pictures of docs/pictures from real loads
	@node scripts/screenshots.mjs

monitor-speed: build peers ## How long the monitor takes with 10,000 tasks and 1,000,000 files
	@node scripts/monitor-speed.mjs

clean: ## Removes what was built and installed
	@rm -rf dist dev/dist node_modules test/servers/node_modules site/node_modules .cache
