#!/bin/sh
set -eu

build() {
  sleep "$PAUSE"
  mkdir -p dist
  echo "echo @PRICE@" > dist/shop
}

unit() {
  [ "$(sh "$SLIPWAY_ARTIFACTS/shop/dist/shop")" = "@PRICE@" ]
  echo '<testsuite name="shop" tests="1"><testcase classname="shop" name="sells"/></testsuite>' > junit.xml
}

deploy() {
  mkdir -p "$TARGET"
  cp "$SLIPWAY_ARTIFACTS/shop/dist/shop" "$TARGET/shop"
  echo "$SLIPWAY_COMMIT $SLIPWAY_RELEASE $SLIPWAY_FENCE" >> "$TARGET/ledger"
}

verify() {
  [ "$(sh "$TARGET/shop")" = "@PRICE@" ]
}

"$1"
