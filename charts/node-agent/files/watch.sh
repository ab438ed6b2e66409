# Wakes the agent up: at once when a route changes or a next hop has a new address, otherwise every two seconds.
# Names are asked for in a process of their own, so that a slow resolver delays no repair.

readonly BATCH=8 # names that are asked for at once, every two seconds: the cost does not grow with the stack
export RES_OPTIONS="timeout:1 attempts:2"
exec {never}<> <(:) # nothing ever comes from here

pause() { # SECONDS
    read -r -t "$1" -u "$never" || :
}

# Prints "address NAME ADDRESS" for every name that is new or has moved; one that does not resolve keeps its address.
# A resolver may make up an address for a name that it does not know: only one of the nodes' network is a node's.
watch_names() { # NAME...
    local -A known=()
    local -a batch
    local name ip next=0
    while (($#)); do
        batch=()
        for ((n = 0; n < BATCH && n < $#; n++, next++)); do
            batch+=("${@:next % $# + 1:1}")
        done
        while read -r name ip; do
            [[ $ip =~ ^[0-9]+([.][0-9]+){3}$ && $ip != "${known[$name]-}" ]] || continue
            known[$name]=$ip
            if inside "$ip" "$nodes_network"; then
                printf 'address %s %s\n' "$name" "$ip"
            else
                log "the resolver gives $name the address $ip, which is not in the nodes' network $nodes_network" >&2
            fi
        done < <(resolve "${batch[@]}")
        ((next < $#)) || pause 2
    done
}

# Prints "NAME ADDRESS" for each that has one. All are asked for at the same time: those of nodes that are down delay
# no other. The dot keeps the search domains of the machine out.
resolve() { # NAME...
    local name ip
    for name; do
        {
            read -r ip _ < <(exec timeout 5 getent ahostsv4 "$name.") && printf '%s %s\n' "$name" "$ip"
        } &
    done
    wait
}

inside() { # ADDRESS CIDR
    local address
    as_number "$1"
    address=$REPLY
    as_number "${2%/*}"
    (((address ^ REPLY) >> (32 - ${2#*/}) == 0))
}

as_number() { # ADDRESS into REPLY
    local IFS=. REPLIES
    read -ra REPLIES <<<"$1"
    REPLY=$(((REPLIES[0] << 24) + (REPLIES[1] << 16) + (REPLIES[2] << 8) + REPLIES[3]))
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

partial="" # what was read of a line when the time was over

wait_for_change() {
    local line timeout=2 status n
    for ((n = 0; n < 100; n++)); do
        IFS= read -r -t $timeout -u "$changes" line
        status=$? line=$partial$line partial=""
        ((status == 0)) || break
        [[ $line =~ ^address\ ([^ ]+)\ ([^ ]+)$ ]] && address[${BASH_REMATCH[1]}]=${BASH_REMATCH[2]}
        timeout=0.05 # let a burst end
    done
    # 1 is the end of the input: the watchers are gone, and the container's restart brings them back.
    ((status != 1)) || exit 1
    ((status == 0)) || partial=$line
}

# Returns when its file is there, or after two seconds. On a new node the first pods wait for nothing else by then.
wait_for_multus() {
    local n
    for ((n = 0; n < 10; n++)); do
        pause 0.2
        [[ ! -e $MULTUS_CONF ]] || return 0
    done
}
