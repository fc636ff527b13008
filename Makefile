# `make help` lists what can be done.
release_flags := -c release --static-swift-stdlib
postbox := .build/release/postbox
outbox_floor := .build/release/outbox-floor
inbox_floor := .build/release/inbox-floor
# Where the tests look for a Kafka, too.
kafka_home := $(firstword $(POSTBOX_TEST_KAFKA_HOME) $(KAFKA_HOME) \
	$(wildcard $(addsuffix /shared/kafka,.. ../.. ../../.. ../../../..)))
thousand_bytes := --bytes 1000 --rows 300000 --rounds 1 --latency-rate 0

.DEFAULT_GOAL := help
.PHONY: help packages build release test check demo bench format lint

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

packages:
	@Tests/checks/install-packages.sh

build: packages ## build everything for development
	swift build --build-tests

release: packages ## build the shipped binary, .build/release/postbox
	swift build $(release_flags) --product postbox

test: release ## run all tests; the process tests run the shipped binary
	swift build --build-tests
	Tests/checks/run-tests.sh --skip-build

check: lint ## check format, sizes, imports, unsafe code and paths
	Tests/checks/sizes.sh
	Tests/checks/imports.sh
	Tests/checks/unsafe.sh
	Tests/checks/paths.sh

demo: release ## show one service see another's changes; needs no configuration
	$(postbox) demo

bench: release ## measure against plain C loops over the same libraries
	swift build $(release_flags) --product outbox-floor
	swift build $(release_flags) --product inbox-floor
	$(postbox) bench outbox --floor $(outbox_floor)
	$(postbox) bench outbox --floor $(outbox_floor) $(thousand_bytes)
	$(postbox) bench inbox --floor $(inbox_floor)
	@if [ -n "$(kafka_home)" ]; then set -x; \
		$(postbox) bench outbox --floor $(outbox_floor) --kafka-home "$(kafka_home)" --held-snapshot \
		&& $(postbox) bench outbox --floor $(outbox_floor) --kafka-home "$(kafka_home)" $(thousand_bytes) \
		&& $(postbox) bench inbox --floor $(inbox_floor) --kafka-home "$(kafka_home)"; \
	else echo "For a real Kafka too: KAFKA_HOME=/path/to/kafka make bench"; fi

format: ## format all Swift files
	swift format -i -r Package.swift Sources Tests

lint: ## say what is not formatted
	swift format lint --strict -r Package.swift Sources Tests
