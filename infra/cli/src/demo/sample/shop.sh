#!/bin/sh
# A shop that knows what a cart costs: shop total PRICE…
total() {
  sum=0
  for price in "$@"; do sum=$((sum + price)); done
  echo "$sum"
}

command=$1
shift
"$command" "$@"
