#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Installs what vipd needs from the distribution (Debian 12 or a relative of it).
#
#   tools/install-deps.sh [build|demo|check|bench|all]
#
# Nothing is asked of the network when nothing is missing. The packages of routing daemons
# would start their services on this machine: while packages are installed a policy-rc.d says
# no to every start, and a daemon that is new here is not enabled for the next boot either.
set -eu

PATH=$PATH:/usr/sbin:/sbin
export PATH

build_packages="gcc meson ninja-build pkgconf libc6-dev libuv1-dev libmnl-dev libnftnl-dev libjansson-dev nettle-dev
libyaml-dev libmicrohttpd-dev libgnutls28-dev libseccomp-dev libbpf-dev bpftool clang-14"
lab_packages="python3 iproute2 util-linux mount bird2 frr iputils-ping procps"
check_packages="clang-format-14 libcmocka-dev libclang-rt-14-dev python3-pytest python3-prometheus-client python3-scapy python3-seccomp tcpdump nftables
mandoc strace libfaketime openssl ca-certificates curl systemd"
all_packages="make git"
bench_packages="keepalived git"

policy=/usr/sbin/policy-rc.d
mark="put here by the install-deps of vipd, for a moment"
saved_policy=$policy.vipd-saved
new_services=

die() {
	echo "install-deps: $*" >&2
	exit 1
}

packages_of() {
	case $1 in
	build) echo $build_packages ;;
	demo) echo $build_packages $lab_packages ;;
	check) echo $build_packages $lab_packages $check_packages ;;
	bench) echo $build_packages $lab_packages $bench_packages ;;
	all) echo $build_packages $lab_packages $check_packages $bench_packages $all_packages ;;
	*) die "usage: tools/install-deps.sh [build|demo|check|bench|all]" ;;
	esac
}

installed() {
	test "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed
}

missing_of() {
	for package; do
		installed "$package" || echo "$package"
	done
}

# One that was here before is put aside and back again. A run that was killed may have left
# ours; that one is not worth keeping.
forbid_services() {
	if grep -qs "$mark" "$policy"; then
		rm -f "$policy"
	elif [ -e "$policy" ] || [ -L "$policy" ]; then
		mv "$policy" "$saved_policy"
	fi
	printf '#!/bin/sh\n# %s\nexit 101\n' "$mark" >"$policy"
	chmod 755 "$policy"
}

allow_services() {
	rm -f "$policy"
	if [ -e "$saved_policy" ] || [ -L "$saved_policy" ]; then
		mv "$saved_policy" "$policy"
	fi
}

# The services that the missing packages bring along.
services_of() {
	for package; do
		case $package in
		bird2) echo bird ;;
		frr) echo frr ;;
		keepalived) echo keepalived ;;
		esac
	done
}

# This only takes the links away that enable a service, those of systemd and those of the run levels. It
# is done without a systemd too: the image that is built in a chroot or a container may get one, and
# boot one day.
keep_services_off() {
	for service in $new_services; do
		[ -e "/lib/systemd/system/$service.service" ] || continue
		if command -v systemctl >/dev/null; then
			systemctl disable --quiet "$service.service" || true
		else
			rm -f /etc/systemd/system/*.wants/"$service.service"
		fi
		[ ! -e "/etc/init.d/$service" ] || update-rc.d "$service" disable || true
	done
}

finish() {
	status=$?
	trap - EXIT
	keep_services_off
	allow_services
	exit $status
}

install() {
	[ "$(id -u)" -eq 0 ] || die "these packages are missing and only root may install them: $*"
	command -v apt-get >/dev/null || die "no apt-get here; please install: $*"
	echo "install-deps: installing $*" >&2
	new_services=$(services_of "$@")
	trap finish EXIT
	trap 'exit 129' HUP
	trap 'exit 130' INT
	trap 'exit 143' TERM
	forbid_services
	DEBIAN_FRONTEND=noninteractive
	export DEBIAN_FRONTEND
	apt-get update -q -o DPkg::Lock::Timeout=120 >&2
	apt-get install -q -y -o DPkg::Lock::Timeout=120 --no-install-recommends "$@" >&2
}

wanted=$(packages_of "${1:-all}")
# shellcheck disable=SC2086  # package names are words
missing=$(missing_of $wanted)
# shellcheck disable=SC2086
[ -z "$missing" ] || install $missing
