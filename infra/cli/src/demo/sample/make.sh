#!/bin/sh
# Builds, tests and deploys the sample shop with nothing but a shell.
set -eu

build() {
  mkdir -p dist
  { echo '#!/bin/sh'; echo "# built from $SLIPWAY_COMMIT"; sed 1d shop.sh; } > dist/shop
  chmod +x dist/shop
  echo "built dist/shop"
}

# check NAME WANTED COMMAND…: one test case
check() {
  name=$1 wanted=$2
  shift 2
  got=$("$@")
  if [ "$got" = "$wanted" ]; then
    cases="$cases<testcase classname=\"shop\" name=\"$name\"/>"
    echo "ok    $name"
  else
    failed=$((failed + 1))
    cases="$cases<testcase classname=\"shop\" name=\"$name\" file=\"shop.sh\" line=\"$(grep -n "total()" shop.sh | cut -d: -f1)\"><failure message=\"wanted $wanted, got $got\"/></testcase>"
    echo "FAIL  $name: wanted $wanted, got $got"
  fi
}

tests() {
  cases='' failed=0
  shop=$SLIPWAY_ARTIFACTS/shop/dist/shop
  check empty_cart_is_free 0 "$shop" total
  check prices_add_up 42 "$shop" total 20 22
  check one_item 7 "$shop" total 7
  echo "<testsuite name=\"shop\" tests=\"3\" failures=\"$failed\">$cases</testsuite>" > junit.xml
  [ "$failed" -eq 0 ]
}

lint() {
  for file in make.sh shop.sh; do sh -n "$file" && echo "$file parses"; done
}

# The release is laid beside the one before and takes its place in one step.
deploy() {
  mkdir -p "$TARGET"
  cp "$SLIPWAY_ARTIFACTS/shop/dist/shop" "$TARGET/shop.new"
  mv "$TARGET/shop.new" "$TARGET/shop"
  echo "$SLIPWAY_RELEASE" > "$TARGET/release"
  echo "$SLIPWAY_ENVIRONMENT runs release $(echo "$SLIPWAY_RELEASE" | cut -c1-12)"
}

verify() {
  [ "$("$TARGET/shop" total 1 2 3)" = 6 ] && echo "$SLIPWAY_ENVIRONMENT adds up"
}

case $1 in
  test) tests ;;
  *) "$1" ;;
esac
