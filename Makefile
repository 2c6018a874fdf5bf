# Redian. `make` alone explains itself; two commands are enough: make demo, make test.
SHELL := /bin/bash
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

PYTHON ?= python3
VARIANT ?= dev
SOURCE ?= simulated
SPEED ?= 60
ENDPOINT ?=
FOR ?= 0
BROKER ?= embedded
BOOTSTRAP ?=
UV := .uv/bin/uv
BIN := .venv/bin
KAFKA_PORT ?= 9092
SECONDS ?= 60
SEEDS ?= 5
FIRST ?= 1
SET ?=
POSTS ?=
ROUNDS ?= 5
KILLS ?= 50
MINUTES ?= 60
STREAM ?=
RATE ?= 200
# With a GPU, NVIDIA's libraries too: images have them from their base.
LOCKS = requirements/$(VARIANT).txt $(if $(filter gpu,$(VARIANT)),requirements/cuda.txt)

COMPILE = $(UV) pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --no-annotate
# An environment with what its locks hold and nothing else: $(call install,FOLDER,LOCKS)
install = $(UV) venv --quiet --allow-existing --python "$$($(PYTHON) -c 'import sys; print(sys.executable)')" $(1) && \
	  $(UV) pip sync --quiet --python $(1)/bin/python --require-hashes $(2)

.PHONY: help setup demo test lint types contracts generated schemas lock kafka kafka-stop kills secure faults soak recovery backlog web-test fuzz data bench-check peers flame gpu-check sources-test sources-measure clean

help: ## this list
	@printf 'Redian: what people begin to talk about, within a minute or two.\n\n'
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 14
	@printf '\nVariables: SOURCE=simulated|bluesky|FILE SPEED=60 FOR=seconds   BROKER=embedded|kafka BOOTSTRAP=host:port   VARIANT=dev|cpu|gpu\n'

$(UV):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	  { echo "Redian needs Python 3.11 or newer; '$(PYTHON)' is $$($(PYTHON) --version 2>&1 || echo missing). Name another: make PYTHON=python3.12 …" >&2; exit 1; }
	@$(PYTHON) -m venv .uv || { echo "Python cannot make environments here; on Debian or Ubuntu: apt install python3-venv" >&2; rm -rf .uv; exit 1; }
	@.uv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt

.venv/.$(VARIANT): $(LOCKS) $(UV) pyproject.toml
	@$(call install,.venv,--compile-bytecode $(LOCKS))
	@$(BIN)/python deploy/link.py
	@rm -f .venv/.dev .venv/.cpu .venv/.gpu && touch $@

.tools/bin/mkdocs: requirements/tools.txt $(UV)
	@$(call install,.tools,requirements/tools.txt)
	@touch $@

setup: .venv/.$(VARIANT) ## install into .venv from the lock (VARIANT=dev|cpu|gpu)

demo: setup ## run everything on the embedded broker (SOURCE, SPEED, FOR)
	@$(BIN)/redian demo --source '$(SOURCE)' --speed $(SPEED) --for $(FOR) $(if $(ENDPOINT),--endpoint '$(ENDPOINT)')

test: setup ## unit, agent and integration tests (BROKER=kafka, BOOTSTRAP=host:port: integration only)
ifeq ($(BROKER)$(BOOTSTRAP),embedded)
	@$(BIN)/python -m pytest -q -n 2 -m 'not faults and not data and not browser and not sources and not ops and not deploy'
else
	@if [ '$(BROKER)' = kafka ] && [ -z '$(BOOTSTRAP)' ]; then $(MAKE) --no-print-directory .kafka/libs; fi
	@BROKER=$(BROKER) BOOTSTRAP=$(BOOTSTRAP) $(BIN)/python -m pytest -q $(if $(BOOTSTRAP),,-n 2) -m integration
endif

kills: setup .kafka/libs ## the real posts through workers killed -9, and a source killed 50 times (KILLS), on real Kafka
	@KILLS=$(KILLS) $(BIN)/python -m pytest -q -s -m faults tests/faults/test_kills.py tests/faults/test_encoder.py tests/faults/test_source_kills.py

backlog: setup .kafka/libs ## the memory of a worker before a million posts and a slow encoder
	@$(BIN)/python -m pytest -q -s -m faults tests/faults/test_backlog.py

.fuzz/venv/.ready: requirements/dev.txt requirements/fuzz.txt $(UV) pyproject.toml
	@$(call install,.fuzz/venv,requirements/dev.txt requirements/fuzz.txt)
	@touch $@

secure: setup .kafka/libs ## Apache Kafka that demands TLS, SASL and permissions; no secret shows
	@$(BIN)/python -m pytest -q -m faults tests/integration/test_secure_kafka.py

fuzz: .fuzz/venv/.ready ## hostile bytes on every topic that is read, guided by coverage (SECONDS=60)
	@nice .fuzz/venv/bin/python -m tests.fuzz.run --seconds $(SECONDS)

faults: setup .kafka/libs ## seeded fault scripts on real Kafka, compared with backtest (SEEDS, FIRST, SET, POSTS)
	@$(BIN)/python -m tests.faults --seeds $(SEEDS) --first $(FIRST) $(if $(SET),--set $(SET)) $(if $(POSTS),--posts $(POSTS))

soak: setup .kafka/libs ## one fault script after another (MINUTES)
	@$(BIN)/python -m tests.faults --minutes $(MINUTES) --first $(FIRST)

recovery: setup .kafka/libs ## how soon a worker that was killed is ready again (KILLS)
	@$(BIN)/python -m tests.faults.recovery --kills $(KILLS)

web-test: setup ## the live page in Chromium: flows, hostile text, reconnects, accessibility
	@$(BIN)/python -m pytest -q -m browser tests/web

data: setup ## the tests that read ../shared/data
	@$(BIN)/python -m pytest -q -m data

bench-check: setup ## the stages beside json.loads, against the ratios on record: never a time
	@$(BIN)/python -m tests.bench.check

.peers/venv/.ready: requirements/peers.txt $(UV) pyproject.toml
	@$(call install,.peers/venv,requirements/peers.txt)
	@touch $@

.peers/kafka_streams: tests/bench/peers/kafka_streams/pom.xml
	@mvn -q -B -f $< dependency:copy-dependencies -DoutputDirectory="$(CURDIR)/$@"
	@touch $@

peers: .peers/venv/.ready ## Redian's overhead by those of Quix Streams and Bytewax (STREAM=file, POSTS, ROUNDS)
	@test -n '$(STREAM)' || { echo "name a file of posts: make peers STREAM=posts.jsonl.gz" >&2; exit 1; }
	@if command -v java >/dev/null && command -v mvn >/dev/null; then $(MAKE) --no-print-directory .kafka/libs .peers/kafka_streams; fi
	@.peers/venv/bin/python -m tests.bench.peers.run '$(STREAM)' --rounds $(ROUNDS) $(if $(POSTS),--posts $(POSTS))

flame: setup ## where the stages' time goes, build/flame.svg (STREAM=FILE, dated anew at RATE posts a second, 0: as they are)
	@command -v py-spy >/dev/null || { echo "py-spy samples the stacks: pip install py-spy, in any environment" >&2; exit 1; }
	@mkdir -p build && py-spy record --function --rate 400 --format raw --output build/flame.txt -- \
	  $(BIN)/python -m agents.cli.main bench intake '$(STREAM)' --posts $(or $(POSTS),60000) --repeats 1 --rate $(RATE)
	@$(BIN)/python -m agents.bench.flame build/flame.txt build/flame.svg && echo "build/flame.svg is written"

.gpu/venv/.ready: requirements/gpu.txt requirements/cuda.txt $(UV) pyproject.toml
	@$(call install,.gpu/venv,requirements/gpu.txt requirements/cuda.txt)
	@touch $@

gpu-check: .gpu/venv/.ready ## every model on CUDA and TensorRT beside the CPU: same scores, how fast (STREAM=FILE)
	@.gpu/venv/bin/python -m agents.cli.main models gpu-check $(if $(STREAM),'$(STREAM)')

lint: setup ## ruff
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

types: setup ## mypy, strict
	@$(BIN)/mypy

contracts: setup ## the one direction of imports
	@$(BIN)/lint-imports

sources-test: setup ## every source against a local server that speaks its platform's protocol
	@$(BIN)/python -m pytest -q -m sources

sources-measure: setup .kafka/libs ## posts a second and memory from a local Jetstream into Kafka
	@$(BIN)/python -m tests.sources.measuring

generated schemas: setup ## write what follows from the code: docs/schemas, docs/metrics.md
	@$(BIN)/python -m deploy.generate

.PHONY: docs docs-serve
docs: .tools/bin/mkdocs ## build the docs site, strictly, into build/site
	@NO_MKDOCS_2_WARNING=1 .tools/bin/mkdocs build --strict

docs-serve: .tools/bin/mkdocs ## show the docs site at http://localhost:8000
	@.tools/bin/mkdocs serve --dev-addr 127.0.0.1:8000

.PHONY: promise ops-check ops-live ops-test deploy-check audit
promise: generated ## at a release: what docs/schemas says is what other teams and later versions may rely on
	@$(BIN)/python -m deploy.generate.promised

ops-check: ## check rules and their tests with promtool, Alertmanager's settings with amtool
	@command -v promtool amtool >/dev/null || { echo "on Debian: apt install prometheus prometheus-alertmanager" >&2; exit 1; }
	@promtool check rules deploy/prometheus/rules.yml
	@promtool check config --syntax-only deploy/prometheus/prometheus.yml
	@promtool test rules deploy/prometheus/rules.test.yml
	@amtool check-config deploy/alertmanager/alertmanager.yml

.kafka/libs: deploy/kafka/pom.xml
	@command -v java >/dev/null || { echo "Apache Kafka needs Java 17 or newer; on Debian: apt install openjdk-17-jre-headless" >&2; exit 1; }
	@command -v mvn >/dev/null || { echo "Apache Kafka is fetched with Maven; on Debian: apt install maven" >&2; exit 1; }
	@echo "fetching Apache Kafka …"
	@mvn -q -B -f deploy/kafka/pom.xml dependency:copy-dependencies -DoutputDirectory="$(CURDIR)/.kafka/libs"
	@touch .kafka/libs

kafka: setup .kafka/libs ## fetch Apache Kafka and start it on loopback (KAFKA_PORT=9092)
	@$(BIN)/python -m agents.adapters.kafka_process start --port $(KAFKA_PORT)

kafka-stop: ## stop it
	@$(BIN)/python -m agents.adapters.kafka_process stop

ops-live: setup .kafka/libs ## alerts and dashboards on running workers with real Prometheus and Alertmanager
	@$(BIN)/python -m pytest -q -s -m ops tests/ops

ops-test: ops-check ops-live ## the same; rules, subscribers, contracts
	@$(BIN)/python -m pytest -q tests/unit/operation tests/unit/subscriptions tests/unit/contracts \
	  tests/agents/test_channels.py tests/agents/test_tracing.py \
	  tests/integration/test_subscribers.py tests/integration/test_traced_way.py tests/integration/test_examples.py tests/integration/test_export.py

deploy-check: setup .tools/bin/mkdocs ## containers and Kubernetes against their schemas
	@$(BIN)/python -m pytest -q -m deploy

audit: setup .tools/bin/mkdocs $(UV) ## what the images hold (CycloneDX, build/sbom-*.json), its licences, yanked releases, known vulnerabilities
	@mkdir -p build && rm -f build/audit-*
	@$(BIN)/python -m deploy.licences requirements/cpu.txt requirements/gpu.txt
	@for variant in cpu gpu; do \
	  $(UV) pip compile --universal --python-version 3.11 --no-deps --no-header --no-annotate requirements/$$variant.txt \
	    -o build/audit-$$variant.txt >/dev/null 2>build/audit-$$variant.yanked || { cat build/audit-$$variant.yanked >&2; exit 1; }; \
	  ! grep "is yanked" build/audit-$$variant.yanked >&2 || exit 1; \
	done; echo "no release of a lock is yanked"
	@for variant in cpu gpu; do \
	  PYTHONWARNINGS=ignore .tools/bin/cyclonedx-py requirements --pyproject pyproject.toml --short-PURLs --output-reproducible --validate \
	    -o build/sbom-$$variant.json requirements/$$variant.txt || exit 1; \
	  .tools/bin/pip-audit --disable-pip --require-hashes --progress-spinner off --format json \
	    -r requirements/$$variant.txt -o build/audit-$$variant.json >build/audit-$$variant.log 2>&1; \
	done; $(BIN)/python -m deploy.audit build/audit-cpu.json build/audit-gpu.json

lock: $(UV) ## compile requirements/*.txt anew
	@for variant in cpu gpu dev; do \
	  $(COMPILE) --python-version 3.11 \
	    --extra $$variant --extra otel pyproject.toml -o requirements/$$variant.txt || exit 1; done
	@$(COMPILE) --python-version 3.11 \
	  --extra cuda pyproject.toml -c requirements/gpu.txt \
	  $$(sed -nE 's/^([a-z0-9._-]+)==.*/--no-emit-package \1/p' requirements/gpu.txt) -o requirements/cuda.txt
	@$(COMPILE) --python-version 3.11 \
	  --group fuzz -o requirements/fuzz.txt
	@$(COMPILE) --python-version 3.11 \
	  --group peers pyproject.toml -o requirements/peers.txt
	@$(COMPILE) --python-version 3.11 \
	  requirements/tools.in -o requirements/tools.txt
	@echo uv | $(COMPILE) - -o requirements/uv.txt

clean: ## remove environments, Kafka and data
	rm -rf .venv .tools .uv .kafka .redian .fuzz .gpu .peers
