# Two commands do everything, their own set-up included:
#   make run    the program
#   make test   all that a change has to pass
# and `make demo` goes the whole way on Practice Hotmart under a virtual display.

TAURI_DRIVER = 2.1.0
CARGO_FUZZ = 0.13.1
CARGO_DENY = 0.18.5
CARGO_CYCLONEDX = 0.5.9
# Where browser.sh puts a Chromium, on systems that have none as an ordinary package.
export PATH := $(CURDIR)/tests/ui/browsers/bin:$(PATH)
CARGO_BIN = $(or $(CARGO_HOME),$(HOME)/.cargo)/bin

# Clippy's own compiler builds what it lints: one pass over the workspace instead of two over everything.
LINTED = RUSTC_WORKSPACE_WRAPPER=clippy-driver CLIPPY_ARGS=--deny=warnings

.PHONY: run test demo screens types tidy bench fuzz supply-chain advisories cargo-deny simulate package version reproducible \
	package-windows test-packages sbom windows test-windows macos native pure build setup setup-tests

run: setup
	@if [ "$$(uname)" = Linux ] && [ -z "$$DISPLAY$$WAYLAND_DISPLAY" ]; then \
		echo "There is no display here to open a window on. 'make demo' shows the program on a virtual one."; \
		exit 1; \
	fi
	cargo run --package hotmart-connect

test: build
	cargo fmt --all --check
	cd tests/ui && npm run --silent types
	$(LINTED) cargo test --workspace -- --test-threads=3
	$(MAKE) --no-print-directory fuzz supply-chain macos test-windows

demo: build
	cargo test --workspace --test integration demo -- --test-threads=2
	mkdir -p tests/pictures
	cp tests/artifacts/06-connected.png tests/pictures/connected.png
	@echo "The pictures are in tests/artifacts."

# Every state of the window in every language, theme and width, and sheets of all of them.
screens: build
	PICTURES=1 cargo test --workspace --test integration screens::every -- --test-threads=2
	@echo "The pictures and contact sheets are in tests/artifacts/screens."

# The window's types, written anew from the program's own.
types: setup
	WRITE_TYPES=1 cargo test --package hotmart-connect --lib

# The rules about the source alone, such as that no two modules need each other.
tidy: build
	cargo test --workspace --test tidy

# Anything at all where others' words are read: `make fuzz SECONDS=600` for longer. What was found
# interesting is kept in tests/fuzz/corpus, which is where the next run goes on.
SECONDS = 10
FUZZED = callback token_response discovery id_token keyring_record pasted account_settings settings
fuzz:
	@"$(CARGO_BIN)/cargo-fuzz" --version >/dev/null 2>&1 || cargo install cargo-fuzz --version $(CARGO_FUZZ) --locked --debug
	cd tests && RUSTC_BOOTSTRAP=1 "$(CARGO_BIN)/cargo-fuzz" build --sanitizer none
	echo $(FUZZED) | xargs -n 1 -P 2 tests/fuzz/run.sh $(SECONDS)

# What comes into the programs from others: licences, sources, and what is not wanted. Known faults
# are looked up where their database can be fetched: `make advisories`.
supply-chain: cargo-deny
	"$(CARGO_BIN)/cargo-deny" --locked check licenses bans sources

advisories: cargo-deny
	"$(CARGO_BIN)/cargo-deny" check advisories

cargo-deny:
	@"$(CARGO_BIN)/cargo-deny" --version >/dev/null 2>&1 || cargo install cargo-deny --version $(CARGO_DENY) --locked --debug

# Another year of bad luck: `make simulate SEED=…`.
simulate: build
	SIMULATION_SEED=$(or $(SEED),1) $(LINTED) cargo test --workspace --test integration a_year_of_bad_luck -- --nocapture

# The packages that this system can make, in target/package/packages.
PACKAGED = target/package
package: setup
	tests/setup/system-packages.sh --packages
	src-tauri/packaging/build.sh $(PACKAGED)
	src-tauri/packaging/package.sh $(PACKAGED)

# The installers for Windows, beside the packages that make package has made, which empties that folder first.
package-windows: setup
	tests/setup/system-packages.sh --windows
	src-tauri/packaging/windows/build.sh $(PACKAGED)
	src-tauri/packaging/windows/package.sh $(PACKAGED)/windows "$$(src-tauri/packaging/version.sh)" $(PACKAGED)/packages

# What the packages are made of, as CycloneDX has it, beside them.
sbom:
	@"$(CARGO_BIN)/cargo-cyclonedx" cyclonedx --version >/dev/null 2>&1 || \
		cargo install cargo-cyclonedx --version $(CARGO_CYCLONEDX) --locked --debug
	src-tauri/packaging/sbom.sh $(PACKAGED)/packages

# Another version, in every place that has one: make version VERSION=1.2.0
version:
	src-tauri/packaging/version.sh "$${VERSION:?which version, such as 1.2.0?}"

# Everything built and packed once more, in another folder, gives the same packages.
reproducible: package
	src-tauri/packaging/build.sh target/package-again
	src-tauri/packaging/package.sh target/package-again
	cmp $(PACKAGED)/packages/SHA256SUMS target/package-again/packages/SHA256SUMS

# The packages on clean systems: installed, used, replaced, removed, and nothing is left.
CLEAN_SYSTEMS = bookworm trixie
test-packages: package
	tests/packages/check.sh $(PACKAGED)/packages
	tests/packages/release.sh
	for system in $(CLEAN_SYSTEMS); do tests/packages/clean_system.sh $$system $(PACKAGED)/packages || exit 1; done

# All programs for Windows, built and linted from here. Under Wine: the unit tests as Windows programs,
# hotmart-token.exe end to end, and the installer.
windows: setup
	tests/setup/system-packages.sh --windows
	tests/windows/build.sh

test-windows: windows setup-tests
	tests/windows/check.sh

# All programs and unit tests for macOS, type-checked and linted from here; nothing is linked, and nothing runs.
macos: setup
	tests/setup/system-packages.sh --tests
	tests/macos/check.sh

# What public CI looks at on Windows and macOS, on this system: with a keyring as people have it, and a window.
native: setup-tests
	tests/native/inside_a_desktop.sh tests/native/check.sh

# How long hotmart-token and the window take, and what is left in the tray, beside what people know.
bench: build
	tests/setup/system-packages.sh --bench
	cargo build --release --package hotmart-connect --no-default-features --bin hotmart-token
	cargo build --release --package hotmart-connect --bin hotmart-connect --bin hotmart-connect-tray
	cargo build --release --package empty-window --package bare-secret
	cargo run --package tests --bin bench

# These build and are tested without any system library.
pure:
	@command -v cc >/dev/null || tests/setup/system-packages.sh
	PKG_CONFIG=/bin/false cargo test --package oauth --package connection

# A distributor's programs first, then ours in their place.
build: setup-tests
	HOTMART_CONNECT_CLIENT_ID=seller-app-7f3d HOTMART_CONNECT_CLIENT_SECRET=canary-secret-5b1e0c9a7d42 \
		$(LINTED) cargo build --workspace --bins
	mkdir -p target/debug/distributor
	cp target/debug/hotmart-connect target/debug/hotmart-connect-tray target/debug/hotmart-token target/debug/distributor/
	$(LINTED) cargo build --workspace --all-targets

setup:
	tests/setup/system-packages.sh

setup-tests:
	tests/setup/system-packages.sh --tests
	@"$(CARGO_BIN)/tauri-driver" --help >/dev/null 2>&1 || \
		cargo install tauri-driver --version $(TAURI_DRIVER) --locked --debug
	cd tests/ui && npm ci --silent --no-fund --no-audit
	tests/setup/browser.sh
