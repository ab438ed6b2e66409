# Wakes the agent up: at once when a route changes or a next hop has a new address, otherwise every two seconds.
# Names are asked for in a process of their own, so that a slow resolver delays no repair.

export RES_OPTIONS="timeout:1 attempts:2"
exec {never}<> <(:) # nothing ever comes from here

pause() { # SECONDS
    read -r -t "$1" -u "$never" || :
}

# Prints "address NAME ADDRESS" for every name that is new or has moved; one that does not resolve keeps its address.
watch_names() {
    local -A known=() now
    local name ip kind
    while (($#)); do
        now=()
        # One process for all, but some resolvers stop at the first name they do not know: ask for the rest singly.
        while read -r ip kind name; do
            [[ $kind != STREAM || -z $name ]] || now[$name]=$ip
        done < <(exec getent ahostsv4 "$@")
        for name; do
            ip=${now[$name]-}
            [[ -n $ip ]] || read -r ip _ < <(exec getent ahostsv4 "$name")
            [[ -n $ip && $ip != "${known[$name]-}" ]] || continue
            known[$name]=$ip
            printf 'address %s %s\n' "$name" "$ip"
        done
        pause 2
    done
}

watch_routes() {
    while :; do
        ip -4 monitor route
        pause 1
    done
}

start_watching() {
    local -A names=()
    local dst
    for dst in "${!via[@]}"; do
        names[${via[$dst]}]=yes
    done
    exec {changes}< <(watch_names "${!names[@]}" & watch_routes)
}

wait_for_change() {
    local line timeout=2 status n
    for ((n = 0; n < 100; n++)); do
        read -r -t $timeout -u "$changes" line
        status=$?
        ((status == 0)) || break
        [[ $line =~ ^address\ ([^ ]+)\ ([^ ]+)$ ]] && address[${BASH_REMATCH[1]}]=${BASH_REMATCH[2]}
        timeout=0.05 # let a burst end
    done
    # 1 is the end of the input: the watchers are gone, and the container's restart brings them back.
    ((status != 1)) || exit 1
}

# Returns when its file is there, or after two seconds. On a new node the first pods wait for nothing else by then.
wait_for_multus() {
    local n
    for ((n = 0; n < 10; n++)); do
        pause 0.2
        [[ ! -e $MULTUS_CONF ]] || return 0
    done
}
