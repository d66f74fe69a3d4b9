# Till's commands. They need make, git, some Python 3 and a network. Python 3.13 and Node are taken from
# this machine if it has them (tools/setup/find-python, find-node); they and everything else are
# installed below .venv, .local and web/node_modules, from the hashed locks in requirements/ and web/.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

VENVS := .local/venvs
PYTHON_IN_VENV := .venv/bin/python
STAMPS := .venv/.installed .venv/.package-installed $(VENVS)/sam/.installed \
	$(VENVS)/ministack/.installed $(VENVS)/lambda/.installed $(VENVS)/bench/.installed
LOCKS := layers/dependencies/requirements requirements/dev requirements/sam requirements/ministack \
	requirements/lambda requirements/bench requirements/node
# Each of these parts may be absent.
WEB := $(if $(wildcard web/package-lock.json),web/node_modules/.installed)
API_LINTERS := tools/openapi/linters
BROWSER := $(wildcard tools/setup/find-chromium)
IN_WEB := cd web && npm run --silent
# Where this machine has no Node that is new enough, one from PyPI comes first on the PATH. Playwright
# takes it too: its own needs a library that a small image lacks.
ifneq ($(WEB),)
ifeq ($(shell tools/setup/find-node),)
NODE := $(VENVS)/node/.installed
export PATH := $(CURDIR)/$(VENVS)/node/programs:$(PATH)
export PLAYWRIGHT_NODEJS_PATH ?= $(CURDIR)/$(VENVS)/node/programs/node
endif
endif

# An environment whose Python is gone, say after an upgrade, is made again.
$(foreach stamp,$(STAMPS) $(NODE),$(shell $(dir $(stamp))bin/python -c '' 2>/dev/null || rm -f $(stamp)))

.PHONY: help
help: ## Show this list.
	@echo 'Usage: make <command>'; echo
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-10s %s\n", $$1, $$2 }' Makefile

.PHONY: dev
dev: setup ## Deploy Till on this machine and keep it running until Ctrl-C.
	@$(PYTHON_IN_VENV) -m local

.PHONY: pictures
pictures: setup ## Picture every screen of the app, on a desktop and a phone, in the dark and in German, into .local/pictures.
	@TILL_PICTURES=$(CURDIR)/.local/pictures $(PYTHON_IN_VENV) -m pytest -q \
		tests/e2e/test_screens.py tests/e2e/test_languages.py tests/e2e/test_shop.py

.PHONY: journey
journey: setup ## Walk a shopper, a program and staff through every step, against the running stack or one of its own.
	@$(PYTHON_IN_VENV) -m trials.journey

.PHONY: invoke
invoke: setup ## Run one function on its own, in a container: STEP=create_payment_intent; EVENT=file.
	@$(PYTHON_IN_VENV) -m local.invoke

.PHONY: test
test: setup ## Run every test, those in a browser included.
	$(if $(BROWSER),@$(BROWSER) >/dev/null)
	$(if $(WEB),$(IN_WEB) test)
	@$(MAKE) --no-print-directory --jobs=2 --keep-going test-stack test-measured test-crashes
	$(PYTHON_IN_VENV) -m coverage report

# Three suites, two at a time: the longest, and the other two one after the other. Only the unit and
# the integration tests run our code in their own process, where it can be measured. Two suites at
# once would mix up their output, so two of them print theirs when they end.
MEASURED = tests/unit tests/integration
CRASHES = tests/crash_matrix tests/model

.PHONY: test-stack
test-stack: setup
	@$(PYTHON_IN_VENV) -m pytest $(addprefix --ignore ,$(MEASURED) $(CRASHES))

.PHONY: test-measured
test-measured: setup
	@$(call at_the_end,measured,$(PYTHON_IN_VENV) -m coverage run -m pytest $(MEASURED))

.PHONY: test-crashes
test-crashes: setup
	@$(call at_the_end,crashes,$(PYTHON_IN_VENV) -m pytest $(CRASHES))

at_the_end = $2 >.local/$1.log 2>&1; status=$$?; cat .local/$1.log; exit $$status

.PHONY: check
check: setup $(API_LINTERS)/node_modules/.installed ## Run the linters, the type checkers and the template's validation.
	$(PYTHON_IN_VENV) -m ruff check .
	$(PYTHON_IN_VENV) -m ruff format --check .
	PYTHONPATH=. .venv/bin/lint-imports
	$(PYTHON_IN_VENV) -m mypy
	$(if $(WEB),$(IN_WEB) lint)
	$(if $(WEB),$(IN_WEB) typecheck)
	cd $(API_LINTERS) && npm run --silent lint
	@# Validation asks for a region and credentials, and then uses neither.
	AWS_DEFAULT_REGION=us-east-1 AWS_ACCESS_KEY_ID=none AWS_SECRET_ACCESS_KEY=none \
		SAM_CLI_TELEMETRY=0 $(VENVS)/sam/bin/sam validate --lint --template infra/template.yaml
	$(VENVS)/sam/bin/cfn-lint --regions us-east-1 -- infra/firewall.yaml infra/access-log.yaml
	@# A lock that names a registry would send everyone's installations there.
	@! grep -nE '(https?|file)://|^--(extra-)?index-url|^--find-links' $(LOCKS:=.txt)
	@! grep -n '"resolved"' $(wildcard web/package-lock.json) $(API_LINTERS)/package-lock.json \
		trials/bench/baselines/node/package-lock.json

.PHONY: audit
audit: setup ## Look for known vulnerabilities of what the locks pin, where that can be asked.
	@$(PYTHON_IN_VENV) -m tools.audit

.PHONY: format
format: setup ## Format the code and fix what the linter can.
	$(PYTHON_IN_VENV) -m ruff check --fix .
	$(PYTHON_IN_VENV) -m ruff format .
	$(if $(WEB),$(IN_WEB) format)

.PHONY: openapi
openapi: setup ## Write the contracts of the API and of its events, from the code.
	$(PYTHON_IN_VENV) -m tools.openapi
	$(PYTHON_IN_VENV) -m tools.event_schema
	$(PYTHON_IN_VENV) -m tools.currencies

.PHONY: soak
soak: setup ## Load a stack with faults on for SECONDS (120), then compare every row with Stripe.
	@$(PYTHON_IN_VENV) -m trials.soak

.PHONY: bench
bench: setup ## Measure every step beside common ways to build it.
	@$(PYTHON_IN_VENV) -m trials.bench --report docs/benchmarks.md

.PHONY: attack
attack: setup ## Play card testers for SECONDS (15) each against a stack of its own; write docs/limits.md.
	@$(PYTHON_IN_VENV) -m trials.attack --report docs/limits.md

.PHONY: replay
replay: setup ## Record again: EVENT=evt_..., PAYMENT=pay_... or SINCE=2026-11-20; publish again: REPUBLISH=..., QUEUED=all
	@$(PYTHON_IN_VENV) -m tools.replay

.PHONY: products
products: setup ## Check a catalogue and load it: FILE=catalogue.json, APPLY=yes, STAGE=dev.
	@$(PYTHON_IN_VENV) -m tools.products

.PHONY: import-customers
import-customers: setup ## Make existing Stripe customers people's own: FILE=customers.csv, APPLY=1, STAGE=dev.
	@$(PYTHON_IN_VENV) -m tools.import_customers

.PHONY: stripe-webhook
stripe-webhook: setup ## Make the webhook endpoint at Stripe as it has to be, and see an event arrive: STAGE=dev.
	@$(PYTHON_IN_VENV) -m tools.stripe_setup webhook

.PHONY: stripe-check
stripe-check: setup ## Tell what the Stripe key and account may do, and how the webhook is: STAGE=dev.
	@$(PYTHON_IN_VENV) -m tools.stripe_setup check

.PHONY: rotate-stripe-key
rotate-stripe-key: setup ## Try a new Stripe key, then store it: NEW_STRIPE_KEY in the environment, STAGE=dev.
	@$(PYTHON_IN_VENV) -m tools.stripe_setup rotate-key

.PHONY: rotate-webhook-secret
rotate-webhook-secret: setup ## Give the webhook another signing secret; later FINISH=1 drops the old one: STAGE=dev.
	@$(PYTHON_IN_VENV) -m tools.stripe_setup rotate-webhook

.PHONY: rebuild
rebuild: setup ## Make lost rows again from Stripe and the user pool: STAGE=dev, PAYMENTS=restored-table, ...
	@$(PYTHON_IN_VENV) -m tools.rebuild

.PHONY: deploy-web
deploy-web: setup ## Build the web app and put it online: make deploy-web STAGE=dev.
	@$(PYTHON_IN_VENV) -m tools.deploy_web $(STAGE)

.PHONY: protect
protect: setup ## Keep a stage's stack and data from being deleted by mistake: STAGE=prod.
	@$(PYTHON_IN_VENV) -m tools.protect $(STAGE)

.PHONY: lock
lock: setup ## Pin the dependencies again, with hashes; UPGRADE=1 takes newer ones.
	@for lock in $(LOCKS); do \
		echo "Locking $$lock.txt"; \
		.venv/bin/uv pip compile --quiet --universal --python-version 3.13 --generate-hashes \
			$(if $(UPGRADE),--upgrade) --no-emit-index-url --no-header \
			"$$lock.in" -o "$$lock.txt" || exit 1; \
	done

.PHONY: clean
clean: ## Remove everything that these commands have made.
	rm -rf web/node_modules web/dist $(API_LINTERS)/node_modules
	rm -rf .venv .local .aws-sam .mypy_cache .pytest_cache .ruff_cache .hypothesis *.egg-info

.PHONY: setup
setup: $(STAMPS) .local/bin/sam $(NODE) $(WEB) ## Install what is missing.

.venv/.installed: requirements/dev.txt .python-version
	@tools/setup/make-venv .venv $<
	@touch $@

.venv/.package-installed: pyproject.toml .venv/.installed
	@$(PYTHON_IN_VENV) -m pip install -qq --no-deps --no-build-isolation --editable .
	@touch $@

# Without Node (exit code 3) everything but the web app works.
web/node_modules/.installed: web/package-lock.json | $(NODE)
	@tools/setup/install-web || [ $$? -eq 3 ]

# Only `make check` needs them. One of their packages would report its installation: no scripts.
$(API_LINTERS)/node_modules/.installed: $(API_LINTERS)/package-lock.json | $(NODE)
	@cd $(@D)/.. && npm ci --silent --no-audit --no-fund --ignore-scripts
	@touch $@

$(VENVS)/node/.installed: requirements/node.txt .python-version | .venv/.installed
	@tools/setup/install-node $(VENVS)/node || [ $$? -eq 3 ]

# The first one finds Python, or gets it.
$(VENVS)/%/.installed: requirements/%.txt .python-version | .venv/.installed
	@tools/setup/make-venv $(VENVS)/$* $<
	@touch $@

# A folder for the PATH: that of the environment would put its Python there, too.
.local/bin/sam: | $(VENVS)/sam/.installed
	@mkdir -p $(@D)
	@ln -sf ../venvs/sam/bin/sam $@
