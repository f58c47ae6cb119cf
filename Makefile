# make run     everything at work: installs, builds, starts, sends a video through, stays until Ctrl-C
# make up      the same services in the background; settings in var/local.env     make down    stops them
# make test    everything is tested, on real servers                              make check   what a commit must pass
# make format  rewrites the sources in the house's form                           make bench   measures, against others
# make fuzz    5,000 damaged and hostile uploads, and 40 kills in the middle of the work: an hour
# make chaos   what is lost when brokers and services are killed: hours; CHAOS_REPETITIONS=1 takes a quarter of one
PYTHON := /usr/bin/python3
CHAOS_REPETITIONS ?= 100

.PHONY: run up down build test check lint format bench fuzz chaos clean
.DEFAULT_GOAL := build

# Swift Testing would begin all tests at once. There are hundreds, and on two cores each would wait for its turn longer than the
# timeouts that it is about.
export SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH ?= 8

run: build
	@exec $(PYTHON) deploy/local/run.py

up: build
	@$(PYTHON) deploy/local/stack.py up

down:
	@$(PYTHON) deploy/local/stack.py down

build:
	@deploy/local/install.sh run
	swift build -c release

lint:
	swift format lint --strict -r -p Package.swift Services Shared Tests

# Warnings are errors here and not in the manifest: a newer compiler, which knows more warnings, must still build.
check: lint
	@deploy/local/install.sh test
	MARTLET_STRICT=1 swift build --build-tests --explicit-target-dependency-import-check error

# The broker's suites kill and restart what they talk to: they have the machine to themselves. So that tests with time limits get
# their share of two cores, those of the gateway and those that transcode are apart from the others. The whole path is tested on the release build, which is
# what `make run` runs.
test: check
	MARTLET_STRICT=1 swift test --skip-build --skip '^(RabbitMQ|Realtime|EngineIO|SocketIO|MediaFFmpeg)'
	MARTLET_STRICT=1 swift test --skip-build --filter '^MediaFFmpeg'
	MARTLET_STRICT=1 swift test --skip-build --filter '^(Realtime|EngineIO|SocketIO)'
	MARTLET_STRICT=1 swift test --skip-build --filter '^RabbitMQ'
	swift build -c release
	$(PYTHON) -m pytest -q Tests/EndToEnd
	$(PYTHON) -m pytest -q Tests/Chaos -m "not slow" --databases sqlite,postgres

format:
	swift format -i -r -p Package.swift Services Shared Tests

bench: build
	@deploy/local/install.sh test
	$(PYTHON) Tests/Benchmarks/run.py

fuzz: build
	@deploy/local/install.sh test
	MUTANTS=5000 $(PYTHON) -m pytest -q -rP Tests/EndToEnd/media/test_mutated_inputs.py
	KILLS=40 $(PYTHON) -m pytest -q Tests/EndToEnd/media/test_kills.py

chaos: build
	@deploy/local/install.sh test
	$(PYTHON) Tests/Chaos/run.py
	$(PYTHON) Tests/Chaos/run.py --restarts 100
	$(PYTHON) -m pytest -q Tests/Chaos --repetitions $(CHAOS_REPETITIONS) --databases sqlite,postgres

clean: down
	rm -rf .build var
