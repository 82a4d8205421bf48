#!/bin/sh
# Installs what some tests run against: the real S3 server (Ceph radosgw) of
# test/conformance/s3-radosgw.test.ts, and the browser (Chromium) of test/integration/monitor/page.test.ts.
# Without one its tests are skipped, nothing else depends on it; so this script never fails its
# caller: when it cannot install, it says in one line what is left out and why.
set -u

# install_peer NAME PACKAGES PROGRAMS, in a process of its own: leaving one out ends only that.
install_peer() (
  NAME=$1
  PACKAGES=$2
  PROGRAMS=$3

  leave_out() {
    echo "install-test-peers: $NAME left out, its tests will be skipped: $1"
    exit 0
  }

  missing_programs() {
    for program in $PROGRAMS; do
      command -v "$program" >/dev/null 2>&1 || printf '%s ' "$program"
    done
  }

  # Recommended packages would add a mail server and monitoring. Without /etc/ceph/ceph.conf the services
  # of these packages have nothing to start; the tests run their own daemons in a temporary folder.
  install_quietly() {
    # $PACKAGES is a list of words on purpose.
    # shellcheck disable=SC2086
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq -o Dpkg::Use-Pty=0 \
      --no-install-recommends $PACKAGES >"$log" 2>&1
  }

  [ -z "$(missing_programs)" ] && { echo "install-test-peers: $NAME is there already"; exit 0; }
  command -v apt-get >/dev/null 2>&1 || leave_out 'this is no Debian (no apt-get)'
  [ "$(id -u)" = 0 ] || leave_out "installing $PACKAGES needs root"

  log=$(mktemp) || leave_out 'no temporary file can be made'
  trap 'rm -f "$log"' EXIT

  if ! install_quietly; then
    # Package lists may be absent or too old: fetch them once, then try again.
    apt-get update -qq >"$log" 2>&1 || leave_out "apt-get update failed: $(tail -n 1 "$log")"
    install_quietly || leave_out "apt-get install failed: $(tail -n 1 "$log")"
  fi

  still_missing=$(missing_programs)
  [ -z "$still_missing" ] || leave_out "after the installation these are missing: $still_missing"
  echo "install-test-peers: $NAME installed"
)

install_peer 'Ceph radosgw' 'radosgw ceph-mon ceph-osd' \
  'radosgw radosgw-admin ceph ceph-mon ceph-osd ceph-authtool monmaptool'
install_peer 'Chromium' 'chromium' 'chromium'
