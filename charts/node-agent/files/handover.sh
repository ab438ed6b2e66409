# While a DaemonSet is updated two agents share the node; the one of the newer template acts. Every agent holds a lock on
# a file named after its generation, so an agent that is gone hinders no other, and no clock is asked.

readonly CLAIM=$NETWORK_DIR/.multinet-agent

is_number() {
    [[ $1 =~ ^[0-9]{1,18}$ ]]
}

claim_node() {
    is_number "${GENERATION-}" || GENERATION=0
    local file=$CLAIM.$GENERATION
    # An older agent removes files that nobody holds, perhaps between our two steps.
    until exec {claim}<>"$file" && flock -s "$claim" && [[ /dev/fd/$claim -ef $file ]]; do
        pause 0.1
    done
    for file in "$CLAIM".*; do
        ! is_number "${file##*.}" || ((10#${file##*.} >= 10#$GENERATION)) || rm -f "$file" # nobody asks for it any more
    done
    supersede_former
}

is_newest() {
    local file
    for file in "$CLAIM".*; do
        is_number "${file##*.}" && ((10#${file##*.} > 10#$GENERATION)) || continue
        flock -n "$file" rm -f "$file" || return 1
    done
}

# Earlier agents wrote here when their release was made, in seconds, and stand aside for a higher number.
supersede_former() {
    local released=""
    read -r released 2>/dev/null <"$CLAIM"
    ! is_number "$released" || write_file "$CLAIM" "$((10#$released + 1))"
}
