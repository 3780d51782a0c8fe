# Everything that is done with this tree, from a clean clone: make help.
# One scratch path, .build, for all but the sanitizers. Arguments for the program: make run ARGS="--help".

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := build

PREFIX ?= /usr/local
SYSCONFDIR ?= /etc
DESTDIR ?=
ARGS ?=
MINUTES ?= 3
FUZZ ?= 300
TIMES ?= 10
TOGETHER ?= 3
MAJORS ?= 17

# An import that the manifest does not declare fails the build.
BUILD := swift build --explicit-target-dependency-import-check error
# The packages within this one. They share the scratch path, so that the dependencies are built once.
NESTED := $(patsubst %/Package.swift,%,$(wildcard Tests/*/Package.swift))
SCRATCH := .build
DEBUG := $(SCRATCH)/debug/pgsonde
RELEASE := $(SCRATCH)/release/pgsonde
APT ?= apt-get
PACKAGES := libyaml-dev zlib1g-dev libcrypt-dev pkg-config
# The tests that need servers run apart and one after the other, so that nothing else takes their processors: in two
# rows with servers of their own, as they mostly wait. In one are those that bring a server or us into trouble, which
# have deadlines, and so the first call on the processors.
# So do those with deadlines, which the tests that compute for seconds would eat up.
WITH_SERVERS := IntegrationTests|ServerTests
WITH_FAULTS := IntegrationTests\.(Connection(Fault|Refusal)|Fault|Frozen|Held|Latency|Limit|Lock|Recovery|RelationLock|Scale|Scraper|Shutdown|Undead)
WITH_DEADLINES := SondePostgresTests\.|SondeDaemonTests\.(Alarm|Credentials|Exec|FFWDOutput|HTTP|LocalPoller|Log|PageRequest|PollerStall|Slots|Supervision)
SCRIPTS := Tests/api Tests/servers Tests/peers Tests/promcheck Tests/soak Tests/faults Tests/schema Tests/Deploy/check Tests/Deploy/packages Tests/Deploy/units \
	Tests/Deploy/booted $(wildcard Tests/Deploy/*.py) deploy/manpage \
	deploy/grafana/generate

# One of the servers that were started, as libpq's variables, and the psql at hand.
SERVER_VARIABLES := import json, os; all = json.load(open(os.environ["PGSONDE_TEST_SERVERS"])); s = all["servers"][0]; \
	print("export PGHOST={} PGPORT={} PGUSER=monitor PGPASSWORD=monitor PGDATABASE=postgres PSQL={}".format( \
	s["host"], s["port"], all["tools"]["psql"]))

.PHONY: help deps build release run test test-faults test-truth test-nested test-packages test-units fuzz sanitize bench soak faults reference api format clean install \
	install-files deb tarball \
	lint lint-format lint-scripts lint-sources lint-linkage lint-deploy lint-api

help: ## Say what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# A newer libpq-dev would draw in a newer libpq5, and that a newer server, restarted. So the headers are those of the
# libpq5 that is there; where they cannot be had, newer ones are taken only if no postgresql package changes.
deps: ## Install the system libraries that the build needs (Debian packages; nothing if they are there)
	@if pkg-config --exists libpq yaml-0.1 zlib libcrypt 2>/dev/null; then exit 0; fi; \
	libpq=$$(dpkg-query -W -f '$${Version}' libpq5 2>/dev/null || true); \
	install="$(APT) install -y --no-install-recommends --no-upgrade --no-remove"; \
	exact="$$install libpq-dev$${libpq:+=$$libpq} $(PACKAGES)"; newest="$$install libpq-dev $(PACKAGES)"; \
	if [ "$$(id -u)" = 0 ]; then sudo=; \
	elif sudo -n true 2>/dev/null; then sudo="sudo -n"; \
	else echo "The build needs: sudo $$exact" >&2; exit 1; fi; \
	export DEBIAN_FRONTEND=noninteractive; \
	$$sudo $$exact || { $$sudo $(APT) update && $$sudo $$exact; } && exit 0; \
	plan=$$($$newest -s); \
	if grep -E '^Inst postgresql-[^ ]+ \[' <<<"$$plan"; then \
		echo "This would upgrade your PostgreSQL, so run it yourself: sudo $$newest" >&2; exit 1; fi; \
	$$sudo $$newest

build: deps ## Build for debugging
	$(BUILD) --product pgsonde

release: deps ## Build for use: optimized, with the Swift runtime inside
	$(BUILD) --product pgsonde -c release --static-swift-stdlib -Xlinker -s

run: build ## Watch the servers of PGSONDE_CONFIG_FILE, DATA_SOURCE_NAME or PGHOST; without one, a demo with its own server
	@if [ -n "$${PGSONDE_CONFIG_FILE:-}$${DATA_SOURCE_NAME:-}$${PGHOST:-}" ]; then exec $(DEBUG) run $(ARGS); fi; \
	programs=$$(Tests/servers bin); exec $(DEBUG) demo --postgres-bin "$$programs" $(ARGS)

test: deps ## Run all tests: against real servers of every major that can be had here, and the nested packages
	$(BUILD) --build-tests
	swift test --skip-build --disable-xctest --skip '$(WITH_SERVERS)|$(WITH_DEADLINES)' $(ARGS)
	swift test --skip-build --disable-xctest --no-parallel --filter '$(WITH_DEADLINES)' $(ARGS)
	@$(MAKE) --no-print-directory -j2 test-faults test-truth
	@$(MAKE) --no-print-directory test-nested

# The tests are built already, so that neither needs the lock on them.
test-faults:
	Tests/servers run -- swift test --skip-build --ignore-lock --disable-xctest --no-parallel --filter '$(WITH_FAULTS)' $(ARGS)

test-truth:
	nice -n 5 Tests/servers run -- swift test --skip-build --ignore-lock --disable-xctest --no-parallel --filter '$(WITH_SERVERS)' --skip '$(WITH_FAULTS)' $(ARGS)

# Their live tests have a server, as libpq's variables name it.
test-nested: ## Build and test the nested packages: what a third party would write
	@for package in $(filter-out Tests/Benchmarks,$(NESTED)); do \
		echo "swift test --package-path $$package"; \
		cp Package.resolved $$package; \
		Tests/servers run --majors 17 -- bash -ec 'eval "$$(python3 -c '"'"'$(SERVER_VARIABLES)'"'"')"; \
			if [ -e "$$0/schema.sql" ]; then PGUSER=postgres PGPASSWORD=postgres "$$PSQL" -qX -v ON_ERROR_STOP=1 -f "$$0/schema.sql"; fi; \
			swift test --disable-xctest --package-path "$$0" --scratch-path $(SCRATCH)' $$package; \
	done

fuzz: deps ## Run the tests with random input FUZZ (300) times as long as usual: some millions of inputs
	$(BUILD) --build-tests
	PGSONDE_FUZZ=$(FUZZ) swift test --skip-build --disable-xctest --filter 'FuzzTests|RandomCellsTests|RandomRowsTests' $(ARGS)

sanitize: deps ## Run the tests under the thread and the address sanitizer, on majors 13 and 18
	@$(MAKE) --no-print-directory sanitize-thread sanitize-address

# What the daemon itself does wrong is in the files of log_path. Tests that measure memory are left out: the sanitizers
# take a multiple of it.
sanitize-%:
	@reports=$$(mktemp -d); trap 'cat "$$reports"/* >&2 2>/dev/null; rm -rf "$$reports"' EXIT; \
	export TSAN_OPTIONS="suppressions=$(CURDIR)/Tests/thread-sanitizer.supp log_path=$$reports/thread" \
		ASAN_OPTIONS="log_path=$$reports/address" \
		LSAN_OPTIONS="suppressions=$(CURDIR)/Tests/address-sanitizer.supp:print_suppressions=0"; \
	test="swift test --disable-xctest --sanitize $* --scratch-path .build-$*-sanitizer"; \
	$$test --skip '$(WITH_SERVERS)|$(WITH_DEADLINES)' $(ARGS); \
	$$test --skip-build --no-parallel --filter '$(WITH_DEADLINES)' $(ARGS); \
	Tests/servers run --majors 13,18 -- $$test --skip-build --no-parallel --filter '$(WITH_SERVERS)' \
		--skip 'ScaleTests|FaultGroupTests|FaultMultitudeTests|ScraperStormTests/(storm|slowReaders|compressed)|GoldenTests|PrometheusTests|ConsoleTests|PooledTests|CollectorTestTests/pooled' $(ARGS); \
	[ -z "$$(ls "$$reports")" ]

bench: release ## Run the benchmarks, beside floors in C, with a server of their own
	swift build -c release --package-path Tests/Benchmarks --scratch-path $(SCRATCH)
	Tests/servers run --majors 15 -- bash -c 'eval "$$(python3 -c '"'"'$(SERVER_VARIABLES)'"'"')"; $(SCRATCH)/release/Benchmarks $(ARGS)'

soak: release ## Poll twenty times as often as usual for MINUTES (3), and fail if memory, files, threads or sessions grow
	Tests/servers run --majors 17 -- Tests/soak $(RELEASE) --minutes $(MINUTES) $(ARGS)

faults: deps ## Run each fault test TIMES (10) by itself and all of them TOGETHER (3) on MAJORS (17), and print a table
	$(BUILD) --build-tests
	Tests/servers run --majors $(MAJORS) -- Tests/faults --times $(TIMES) --together $(TOGETHER) $(ARGS)

reference: build ## Renew config/metrics.md, the list of all metrics, and the schema of collectors
	env -i PATH="$$PATH" $(DEBUG) collector reference >config/metrics.md
	Tests/schema $(DEBUG) --write

api: build ## Renew Tests/API, the list of all public declarations; a change of it is said in CHANGELOG.md
	$(BUILD) --target SondeTesting
	Tests/api write

format: ## Format the sources
	swift format --in-place --recursive --parallel Sources Tests Package.swift

lint: lint-format lint-scripts lint-sources lint-deploy lint-linkage lint-api ## Check what no test sees

lint-format:
	swift format lint --strict --recursive --parallel Sources Tests Package.swift

lint-scripts:
	@python3 -c 'import ast, sys; [ast.parse(open(name).read(), name) for name in sys.argv[1:]]' $(SCRIPTS)
	@for script in .ci/run deploy/package deploy/debian/p*; do bash -n $$script || exit 1; done

# No file over 500 lines, and nothing that ends the process instead of failing.
lint-sources:
	@find Sources \( -name '*.swift' -o -name '*.h' \) -exec wc -l {} + \
		| awk '$$2 != "total" && $$1 > 500 { print $$2 ": " $$1 " lines, more than 500"; bad = 1 } END { exit bad }'
	@if grep -rnE --include='*.swift' '\btry!|\bas!|\bfatalError\(' Sources; then \
		echo "no try!, as! or fatalError() in Sources" >&2; exit 1; fi

lint-deploy: build
	@promtool=$$(Tests/servers env | python3 -c 'import json, sys; print(json.load(sys.stdin)["promtool"])'); \
	"$$promtool" check config deploy/prometheus.yml
	deploy/grafana/generate --check
	Tests/Deploy/check rules
	Tests/Deploy/check names
	Tests/schema $(DEBUG)
	Tests/Deploy/check pages $(DEBUG)
	Tests/Deploy/units $(DEBUG)

# Foundation and ICU would cost 40 MB and the start; FoundationEssentials comes with ArgumentParser.
lint-linkage: build
	@libraries=$$(ldd $(DEBUG)); \
	if grep -E 'lib(Foundation|FoundationInternationalization|FoundationNetworking|_FoundationICU)\.so' <<<"$$libraries"; \
	then echo "$(DEBUG) links full Foundation" >&2; exit 1; fi; \
	echo "$(DEBUG) links no full Foundation"

# What other people's packages are written against changes only on purpose.
lint-api: build
	@$(BUILD) --quiet --target SondeTesting
	@Tests/api check && echo "Tests/API says what is public"

install: ## Install into PREFIX (/usr/local), below DESTDIR; files in SYSCONFDIR (/etc) are never overwritten
	@if [ ! -x $(RELEASE) ] || command -v swift >/dev/null; then $(MAKE) --no-print-directory release; fi
	@$(MAKE) --no-print-directory install-files

# As they lie here, so that what they say of each other leads there.
DOCUMENTS := README.md Dockerfile $(wildcard config/*.md config/*.y*ml config/*.json config/collectors.d/*.* deploy/*.* deploy/kubernetes/*.yaml \
	deploy/prometheus/*.yml deploy/grafana/*.json Sources/Sonde/Sonde.docc/*.md)
# What `install` and the packages lay out, from a program that was built before.
PROGRAM ?= $(RELEASE)
install-files:
	install -Dm755 $(PROGRAM) $(DESTDIR)$(PREFIX)/bin/pgsonde
	install -Dm644 -t $(DESTDIR)$(PREFIX)/share/pgsonde deploy/role.sql deploy/prometheus.yml config/collector.schema.json
	install -Dm644 -t $(DESTDIR)$(PREFIX)/share/pgsonde/prometheus deploy/prometheus/*.rules.yml
	install -Dm644 -t $(DESTDIR)$(PREFIX)/share/pgsonde/grafana deploy/grafana/*.json
	@for file in $(DOCUMENTS); do install -Dm644 "$$file" "$(DESTDIR)$(PREFIX)/share/doc/pgsonde/$$file"; done
	install -d $(DESTDIR)$(PREFIX)/lib/systemd/system
	@for unit in deploy/*.service deploy/*.socket; do \
		sed 's|/usr/bin/pgsonde|$(PREFIX)/bin/pgsonde|; s|/etc/|$(SYSCONFDIR)/|g' "$$unit" \
			>"$(DESTDIR)$(PREFIX)/lib/systemd/system/$${unit##*/}"; \
	done
	@keep() { [ ! -e "$$1" ] || [ -e "$$2" ] || install -Dm644 "$$1" "$$2"; }; \
	keep config/pgsonde.yaml $(DESTDIR)$(SYSCONFDIR)/pgsonde/pgsonde.yaml; \
	keep deploy/pgsonde.default $(DESTDIR)$(SYSCONFDIR)/default/pgsonde
	@share=$(DESTDIR)$(PREFIX)/share; made=$$(mktemp); trap 'rm -f "$$made"' EXIT; \
	completion() { if $(PROGRAM) --generate-completion-script $$1 >"$$made"; then install -Dm644 "$$made" "$$2"; fi; }; \
	completion bash $$share/bash-completion/completions/pgsonde; \
	completion zsh $$share/zsh/site-functions/_pgsonde; \
	completion fish $$share/fish/vendor_completions.d/pgsonde.fish; \
	$(PROGRAM) --experimental-dump-help | deploy/manpage >"$$made"; \
	install -Dm644 "$$made" $$share/man/man1/pgsonde.1

deb: release ## Make a Debian package in .build/packages, with the Swift runtime inside
	@deploy/package deb $(RELEASE) $(SCRATCH)/packages

tarball: release ## Make an archive in .build/packages to unpack into /usr/local
	@deploy/package tarball $(RELEASE) $(SCRATCH)/packages

test-packages: build ## Install, upgrade, remove and purge the Debian package in a clean Debian below .build (as root)
	@Tests/Deploy/packages $(DEBUG)

test-units: build ## Run the systemd units under a systemd that is booted for it, in namespaces of its own (as root)
	@Tests/Deploy/booted $(DEBUG)

clean: ## Delete what was built
	rm -rf $(SCRATCH) .build-thread-sanitizer .build-address-sanitizer
