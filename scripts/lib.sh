# Shared by the commands in scripts/: missing packages, configuration, build. Sourced by bash, never run.
#
# Environment:
#   TATAMI_OFFLINE=1    never install; list what is missing and stop
#   TATAMI_BUILD=DIR    build directory (default build/release)
#   TATAMI_JOBS=N       parallel jobs (default: number of processors)

TATAMI_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
TATAMI_BUILD=${TATAMI_BUILD:-$TATAMI_ROOT/build/release}
TATAMI_JOBS=${TATAMI_JOBS:-$(nproc)}
TATAMI_OFFLINE=${TATAMI_OFFLINE:-0}

# Standard output belongs to the command's result (--json); everything said here goes to standard error.
say() { printf '%s\n' "tatami: $*" >&2; }
die() { say "$*"; exit 2; }

# wanted_packages LIST...: the packages named in scripts/LIST files.
wanted_packages() { (cd "$TATAMI_ROOT/scripts" && sed -e 's/#.*//' -e '/^[[:space:]]*$/d' "$@"); }

# missing_packages LIST...: those that are not installed, one a line.
missing_packages() {
  local wanted installed
  wanted=$(wanted_packages "$@" | sort -u)
  # dpkg-query fails when it does not know one of the names: that one is simply missing.
  installed=$(printf '%s\n' "$wanted" | xargs dpkg-query -W -f '${db:Status-Status} ${Package}\n' 2>/dev/null |
    sed -n 's/^installed //p' | sort -u)
  comm -23 <(printf '%s\n' "$wanted") <(printf '%s\n' "$installed")
}

# need_packages STAMP LIST...: installs what is missing. The stamp keeps repeated runs fast: it is newer than both the
# package lists and dpkg's database only if nothing has changed since the last check.
need_packages() {
  local stamp=$TATAMI_BUILD/.$1 list missing fresh=1
  shift
  if ! command -v dpkg-query >/dev/null; then
    [ -e "$stamp" ] || say "this is not a Debian system; the packages of scripts/packages.txt are assumed to be there"
    mkdir -p "$TATAMI_BUILD" && touch "$stamp"
    return
  fi
  for list in "$@"; do [ "$stamp" -nt "$TATAMI_ROOT/scripts/$list" ] || fresh=0; done
  [ "$stamp" -nt /var/lib/dpkg/status ] || fresh=0
  [ $fresh = 0 ] || return 0

  missing=$(missing_packages "$@" | tr '\n' ' ')
  if [ -n "${missing// /}" ]; then
    if [ "$TATAMI_OFFLINE" = 1 ]; then
      say "these Debian packages are missing: $missing"
      die "install them (apt-get install --no-install-recommends $missing) or run without --offline"
    fi
    install_packages $missing
    missing=$(missing_packages "$@" | tr '\n' ' ')
    [ -z "${missing// /}" ] || die "apt-get finished, but these packages are still missing: $missing"
  fi
  mkdir -p "$TATAMI_BUILD"
  touch "$stamp"
}

install_packages() {
  local as_root=()
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null ||
      die "missing packages: $*; neither root nor sudo is available to install them (see --offline)"
    as_root=(sudo)
  fi
  say "installing $* (apt-get)"
  # A machine without any package index, or with a stale one, needs the update; recommended packages are not needed.
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 update -q >&2 ||
    die "apt-get update failed: check the network and /etc/apt/sources.list"
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 \
    install -y -q --no-install-recommends "$@" >&2 || die "apt-get could not install: $*"
}

# Ninja's progress on one line when a person is watching, quietly dropped when there was nothing to do.
show_progress() {
  local line width=$((${COLUMNS:-100} - 1)) open=0
  while IFS= read -r line; do
    case $line in
      'ninja: no work to do.' | 'ninja: Entering directory'* | '[0/'*'Re-checking globbed'*) ;;
      '['[0-9]*/*']'*)
        if [ -t 2 ]; then printf '\r\033[K%s' "${line:0:$width}" >&2; open=1; else printf '%s\n' "$line" >&2; fi ;;
      *)
        [ $open = 0 ] || printf '\n' >&2
        open=0
        printf '%s\n' "$line" >&2 ;;
    esac
  done
  [ $open = 0 ] || printf '\r\033[K' >&2
}

# build TARGET...: configures when needed and builds, one build at a time in one directory.
build() {
  # Verilator's makefiles cannot live under a path with blanks.
  case $TATAMI_BUILD in *[[:space:]]*) die "the path '$TATAMI_BUILD' contains blanks, which make cannot handle" ;; esac
  mkdir -p "$TATAMI_BUILD"
  exec 9>"$TATAMI_BUILD/.lock"
  flock -n 9 || { say "waiting for another build in $TATAMI_BUILD"; flock 9; }
  if [ ! -e "$TATAMI_BUILD/build.ninja" ]; then
    say "configuring $TATAMI_BUILD"
    cmake -S "$TATAMI_ROOT" -B "$TATAMI_BUILD" -G Ninja >"$TATAMI_BUILD/configure.log" 2>&1 9>&- || {
      cat "$TATAMI_BUILD/configure.log" >&2
      rm -f "$TATAMI_BUILD/build.ninja"
      die "configuration failed"
    }
  fi
  ninja -C "$TATAMI_BUILD" -j "$TATAMI_JOBS" "$@" 2>&1 9>&- | show_progress || die "the build failed (see above)"
  exec 9>&-
}
