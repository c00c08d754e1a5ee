# Everything a newcomer needs: `make up` and `make test`. Both install what is missing (Debian and Ubuntu packages,
# asking for sudo only for that) and build.

BIN := target/release/stratocell

.PHONY: up build deps deps-test test tidy fmt authorization soak bench clean help

help:
	@sed -n 's/^#: //p' Makefile

#: make up         install what is missing, build, start a region on this machine
up: build
	$(BIN) up $(UP_ARGS)

#: make build      the same without starting; leaves target/release/stratocell
build: deps
	cargo build --release --locked -p stratocell

deps:
	@scripts/setup.sh run
	@scripts/fetch-guest-kernel.sh target/guest-kernel

deps-test: deps
	@scripts/setup.sh test

#: make test       everything CI runs
test: deps-test tidy
	cargo nextest run --workspace --locked --no-fail-fast

#: make tidy       formatting, lints and the repository's own rules
tidy:
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings
	cargo run -q --locked -p xtask -- tidy

#: make authorization   the actions, resources and condition keys of our catalogue against AWS's reference (fetched once)
authorization: deps-test
	scripts/authorization-reference.sh

#: make soak       the long runs: many seeds, many kills (hours; SOAK=n scales them)
soak: build deps-test authorization
	scripts/client-aws-sdk-rust.sh
	BALANCER_REQUESTS=1000000 cargo test -p balancer --locked --release --test steady -- --nocapture
	PROPTEST_RNG_SEED=$$(od -An -N8 -tu8 /dev/urandom | tr -d ' ') STRATOCELL_SOAK=$${SOAK:-50} cargo nextest run --workspace --locked --release --no-fail-fast

#: make bench      the figures in docs/benchmarks.md, next to their peers (root for the peers)
bench: build deps-test
	@scripts/setup.sh bench
	scripts/bench.sh

fmt:
	cargo fmt --all
clean:
	cargo clean
