# The steps of a build on CodeBuild, in POSIX sh. It holds no text of a repository: that comes in variables, in base64,
# and every word of it is quoted. $1 says what to do: prepare, claim, step or collect.
set -u
umask 022
root=$CODEBUILD_SRC_DIR
checkout=$root/checkout work=$root/slipway-work out=$root/slipway-out caches=$root/slipway-cache
newline='
'

say() { printf 'slipway: %s\n' "$*"; }

# Exit statuses before the commands: 65 = could not be prepared, 77 = was not permitted.
give_up() {
  status=$1
  shift
  say "not run: $*"
  exit "$status"
}

decoded() { printf %s "$1" | base64 -d; }

# What the job declares is a list of calls of these; each step defines those that it carries out.
input() { :; }
artifact() { :; }
report() { :; }
key_text() { key=$key$1; }
key_hash() {
  if [ -f "$checkout/$1" ]; then
    sum=$(sha256sum <"$checkout/$1")
    key=$key$(printf %.16s "$sum")
  else
    key=${key}none
  fi
}
cached() { key=; }
declared() { key= && eval "$(decoded "$SLIPWAY_JOB")"; }

hash_of() {
  sum=$(printf %s "$1" | sha256sum)
  printf %s "${sum%% *}"
}

prepare() {
  for tool in base64 cp curl date env find grep mkdir mv readlink sed setsid sha256sum sleep sort wc; do
    command -v "$tool" >/dev/null || give_up 65 "the image has no program \`$tool\`"
  done
  found=
  for folder in "$root"/*/; do
    case $folder in */slipway-*/) continue ;; esac
    [ -z "$found" ] || give_up 65 'the source has more than one folder at its top'
    found=${folder%/}
  done
  [ -n "$found" ] && [ -d "$found" ] || give_up 65 'the source has no folder at its top'
  [ "$found" = "$checkout" ] || mv -- "$found" "$checkout" || give_up 65 'the checkout could not be moved'
  mkdir -p "$work/artifacts" "$out" "$caches" || give_up 65 'there is no room for the artifacts'
  : >"$work/keys"
  input() { # digest, x or -, path
    from=${CODEBUILD_SRC_DIR_slipway:-}/$1
    [ -f "$from" ] || give_up 65 "the artifact file $3 was not handed over"
    sum=$(sha256sum <"$from")
    [ "${sum%% *}" = "$1" ] || give_up 65 "the artifact file $3 is not the one of digest $1"
    to=$work/artifacts/$3
    mkdir -p -- "${to%/*}" && cp -- "$from" "$to" || give_up 65 "the artifact file $3 could not be laid out"
    if [ "$2" = x ]; then chmod 755 -- "$to"; else chmod 644 -- "$to"; fi
  }
  cached() { # paths
    printf '%s\n' "$key" >>"$work/keys"
    folder=$caches/$(hash_of "$key")
    if [ -d "$folder" ]; then
      for path in "$@"; do
        [ -e "$folder/$path" ] || continue
        if [ -e "$checkout/$path" ]; then say "The cache \`$key\`: $path is there already."; continue; fi
        to=$checkout/$path
        mkdir -p -- "${to%/*}" && cp -Rp -- "$folder/$path" "$to" || give_up 65 "the cache $key could not be restored"
      done
      say "Restored the cache \`$key\`."
    else
      say "There is no cache \`$key\` yet."
    fi
    key=
  }
  declared
  say "Checked out."
}

# Asks whether this build may run code of the repository. Only a clear yes is a yes.
claim() { # tries
  try=1 pause=1
  while :; do
    answer=$(printf '%s"%s"}' "$SLIPWAY_CLAIM" "$CODEBUILD_BUILD_ID" |
      curl -q --silent --show-error --max-time 15 --header 'content-type: application/json' --data-binary @- \
        --write-out '\n%{http_code}' --url "$SLIPWAY_CLAIMS_URL" 2>&1)
    code=${answer##*"$newline"}
    case $code in
      200) case $answer in *'"granted":true'*) say 'The claim was granted.' && return ;; esac
        give_up 77 'the claim was not answered: 200 without a grant' ;;
      000 | 408 | 429 | 5??) ;;
      *) why=$(printf %s "$answer" | sed -n 's/.*"why":"\([^"]*\)".*/\1/p' | head -c 300)
        give_up 77 "${why:-the claim was answered with status $code}" ;;
    esac
    [ "$try" -lt "$1" ] || give_up 77 "the claim was not answered: status $code after $try tries"
    try=$((try + 1))
    sleep "$pause"
    [ "$pause" -ge 16 ] || pause=$((pause * 2))
  done
}

# The process takes its number with it through every `exec`, and it is the leader of the session that the commands are in.
go() { exec "$shell" -c 'echo "$$" >"$0"; exec env "$@"' "$work/pid" "$@"; }

end_group() { kill -s "$1" -- "-$(cat "$work/pid")"; }

watch() { # seconds, seconds between TERM and KILL
  end=$(($(date +%s) + $1))
  while [ "$(date +%s)" -lt "$end" ]; do sleep 1; done
  : >"$work/timed-out"
  end_group TERM
  end=$(($(date +%s) + $2))
  while [ "$(date +%s)" -lt "$end" ]; do sleep 1; done
  end_group KILL
}

step() { # seconds, seconds between TERM and KILL
  shell=$(command -v sh) session=$(command -v setsid)
  decoded "$SLIPWAY_STEP" >"$work/step.sh"
  eval "$(decoded "$SLIPWAY_ENV")"
  unset SLIPWAY_CLAIM SLIPWAY_CLAIMS_URL SLIPWAY_INTENT SLIPWAY_DECLARED SLIPWAY_PROGRAM SLIPWAY_JOB SLIPWAY_STEP SLIPWAY_ENV
  sed 's/^/slipway: $ /' "$work/step.sh"
  watch "$1" "$2" </dev/null >/dev/null 2>&1 &
  watcher=$!
  (
    cd "$checkout" || exit 65
    with_variables "SLIPWAY_ARTIFACTS=$work/artifacts" "SLIPWAY_BUILD=$CODEBUILD_BUILD_ID" \
      "$session" "$shell" -e "$work/step.sh"
  ) </dev/null
  status=$?
  times >"$work/times"
  kill "$watcher" 2>/dev/null
  wait "$watcher" 2>/dev/null
  if end_group KILL 2>/dev/null; then
    say 'The commands have ended and left processes running; these were ended.'
  fi
  printf '%s\n' "$status" >"$work/status"
  if [ -e "$work/timed-out" ]; then
    say 'Its time was over, so it was ended.'
    exit 124
  fi
  say "Exited with status $status."
  exit "$status"
}

# Copies the files that match into the output folder under numbers, and writes down what they are.
keep() { # artifact or report, its number, most files, extended regular expression
  kept=0
  (cd "$checkout" && find . -path ./.git -prune -o \( -type f -o -type l \) -print) |
    sed -n 's|^\./||p' | LC_ALL=C grep -E -- "$4" | LC_ALL=C sort >"$work/found"
  while IFS= read -r path; do
    place=$(readlink -f -- "$checkout/$path")
    case $place in
      "$real"/.git/*) place= ;;
      "$real"/*) ;;
      *) place= ;;
    esac
    if [ -z "$place" ] || [ ! -f "$place" ]; then
      say "The $1 leaves out $path: it is a link that leads out of the checkout or to no file."
      continue
    fi
    kept=$((kept + 1))
    [ "$kept" -le "$3" ] || break
    number=$((number + 1))
    mode=-
    [ ! -x "$place" ] || mode=x
    cp -- "$place" "$out/$number" || return 1
    printf '%s %s %s %s %s\n' "$1" "$2" "$mode" "$number" "$path" >>"$out/index"
  done <"$work/found"
}

save() { # key, paths
  folder=$caches/$(hash_of "$1")
  printf '%s\n' "$folder" >>"$work/kept-caches"
  [ ! -d "$folder" ] || return
  named=$1
  shift
  for path in "$@"; do
    [ -e "$checkout/$path" ] || continue
    to=$folder.part/$path
    mkdir -p -- "${to%/*}" && cp -Rp -- "$checkout/$path" "$to" || { rm -rf "$folder.part"; return 1; }
  done
  [ ! -d "$folder.part" ] || { mv "$folder.part" "$folder" && say "Saved the cache \`$named\`."; }
}

collect() { # most files of an artifact, most files of a report
  [ -f "$work/status" ] || give_up 65 'the commands were not begun'
  read -r status <"$work/status"
  real=$(readlink -f -- "$checkout") number=0 most_files=$1 most_reports=$2 good=
  [ "$status" != 0 ] || [ -e "$work/timed-out" ] || good=yes
  : >"$out/index"
  report() { # number, expression, how it is written
    keep report "$1" "$most_reports" "$2"
    [ "$kept" -le "$most_reports" ] || say "The report $3: more than $most_reports files match."
  }
  artifact() { # number, name, expression, how it is written
    [ -n "$good" ] && [ "$status" = 0 ] || return
    keep artifact "$1" "$most_files" "$3"
    copied=$?
    if [ "$copied" != 0 ] || [ "$kept" = 0 ] || [ "$kept" -gt "$most_files" ]; then
      say "The artifact \`$2\`: $kept files match $4, of 1 to $most_files that can be kept."
      status=125
    else
      say "Kept the artifact \`$2\`: $kept files."
    fi
  }
  cached() { # paths
    IFS= read -r before <&3
    [ -z "$good" ] || save "$before" "$@" || say "The cache \`$before\` could not be saved."
    key=
  }
  : >"$work/kept-caches"
  declared 3<"$work/keys"
  for folder in "$caches"/*/; do
    grep -qxF -- "${folder%/}" "$work/kept-caches" || [ -z "$good" ] || rm -rf -- "$folder"
  done
  # Last, so that a result that is there is whole.
  {
    printf 'status %s\n' "$status"
    [ ! -e "$work/timed-out" ] || printf 'timed-out\n'
    sed -n '2s/^/times /p' "$work/times"
  } >"$out/result"
}

"$@"
