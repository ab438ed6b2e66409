# Each keep_* makes one part of the node equal to the plan. What it changed it adds to `healed`, what it changed because
# another program has changed what that part is made of to `followed`, what it could not do to `problems`. As long as all
# is well it writes nothing and starts two processes at most.

readonly PROTOCOL=200 # marks our routes in the kernel
readonly MARKER=$NETWORK_DIR/.multinet-plan # the plan that this node was last seen to agree with

holds() { # FILE TEXT
    local now=""
    IFS= read -r -d '' now 2>/dev/null <"$1"
    [[ $now == "$2"$'\n' ]]
}

write_file() { # FILE TEXT [MODE], in one step: nobody may read half of it
    printf '%s\n' "$2" >"$1.new" && chmod "${3:-644}" "$1.new" && mv -f "$1.new" "$1"
}

keep_forwarding() {
    local now
    read -r now </proc/sys/net/ipv4/ip_forward
    [[ $now != 1 ]] || return 0
    if echo 1 >/proc/sys/net/ipv4/ip_forward; then
        healed+=("IPv4 forwarding")
    else
        problems+=("IPv4 forwarding cannot be switched on")
    fi
}

# They stay when no network needs them any more: a pod that still has one is removed with its plugin. A binary that is
# there stays as it is: it is the node image's, or of the cluster's own network.
keep_plugins() {
    local name file source
    for name in "${!plugin[@]}"; do
        file=$PLUGIN_DIR/$name
        ! holds "$file" "${plugin[$name]}" || [[ ! -x $file ]] || continue
        if write_file "$file" "${plugin[$name]}" 755; then
            healed+=("CNI plugin $name")
        else
            problems+=("$file cannot be written")
        fi
    done
    for name in "${binary[@]}"; do
        file=$PLUGIN_DIR/$name source=$PLUGIN_SOURCE/$name
        [[ ! -f $file || ! -x $file ]] || continue
        if [[ ! -f $source ]]; then
            problems+=("CNI plugin $name is neither in ${PLUGIN_DIR#/host} nor in ${PLUGIN_SOURCE#/host} of the node")
        elif cp "$source" "$file.new" && chmod 755 "$file.new" && mv -f "$file.new" "$file"; then
            healed+=("CNI plugin $name")
        else
            problems+=("$file cannot be written")
        fi
    done
}

# Multus works with a copy of the primary network's configuration, which it takes when it starts and never again.
keep_copy() {
    local primary="" copy="" fresh
    IFS= read -r -d '' primary 2>/dev/null <"$PRIMARY_CONF"
    IFS= read -r -d '' copy 2>/dev/null <"$MULTUS_CONF"
    [[ -n $primary && -n $copy && ($primary != "$compared" || $copy != "$copied") ]] || return 0
    fresh=$(jq --raw-output --slurp --from-file "$here/copy.jq" "$PRIMARY_CONF" "$MULTUS_CONF" 2>&1) || {
        problems+=("${PRIMARY_CONF##*/} or ${MULTUS_CONF##*/} cannot be read: $fresh")
        return
    }
    if [[ -z $fresh ]]; then
        compared=$primary copied=$copy
    elif ! write_file "$MULTUS_CONF" "$fresh" 600; then
        problems+=("$MULTUS_CONF cannot be written")
    elif [[ $primary == "$compared" ]]; then
        healed+=("copy of ${PRIMARY_CONF##*/} in ${MULTUS_CONF##*/}")
    else
        followed+=("copy of ${PRIMARY_CONF##*/} in ${MULTUS_CONF##*/}")
    fi
}

# A bridge outlives its network, and with its address it would swallow what is sent to that range later on. Which ones
# are ours says the plan that this node agreed with before.
remove_former_bridges() {
    local kind name
    [[ -z $converged ]] || return 0
    while IFS=$'\t' read -r kind name; do
        [[ $kind == bridge && -z ${bridge[$name]-} && -e /sys/class/net/$name ]] || continue
        if ip link delete "$name"; then
            healed+=("bridge $name removed")
        else
            problems+=("bridge $name of a former network cannot be removed")
        fi
    done 2>/dev/null <"$MARKER"
}

keep_attachments() {
    local network file
    for network in "${!conflist[@]}"; do
        file=$NETWORK_DIR/multinet-$network.conflist
        ! holds "$file" "${conflist[$network]}" || continue
        if write_file "$file" "${conflist[$network]}"; then
            healed+=("CNI file of $network")
        else
            problems+=("$file cannot be written")
        fi
    done
    for file in "$NETWORK_DIR"/multinet-*.conflist; do
        network=${file##*/multinet-}
        network=${network%.conflist}
        [[ -e $file && -z ${conflist[$network]-} ]] || continue
        rm -f "$file" && healed+=("CNI file of $network removed")
    done
}

keep_routes() {
    local -A wanted=() unresolved=() found=()
    local -a words batch=()
    local dst type next device metric have errors
    for dst in "${!via[@]}"; do
        next=${address[${via[$dst]}]-}
        [[ -n $next ]] && wanted["$dst via $next"]=${via[$dst]} || unresolved[$dst]=${via[$dst]}
    done
    for dst in "${!unreachable[@]}"; do
        wanted["unreachable $dst metric ${unreachable[$dst]}"]=""
    done

    while read -ra words; do
        type="" next="" device="" metric=""
        [[ ${words[0]} == [0-9]* || ${words[0]} == default ]] || type=${words[0]} words=("${words[@]:1}")
        dst=${words[0]}
        set -- "${words[@]:1}"
        while (($#)); do
            case $1 in
                via) next=$2 && shift ;;
                dev) device=$2 && shift ;;
                metric) metric=$2 && shift ;;
            esac
            shift
        done
        have="${type:+$type }$dst${next:+ via $next}${metric:+ metric $metric}"
        if [[ -n ${wanted[$have]+set} ]]; then
            found[$have]=yes
        elif [[ -n ${unresolved[$dst]-} && -n $next && -z $metric ]]; then
            unset "unresolved[$dst]" # the last known address is better than none
        else
            batch+=("route del $have${device:+ dev $device} proto $PROTOCOL")
            healed+=("route $have removed")
        fi
    done < <(exec ip -4 -o route show proto $PROTOCOL)

    for have in "${!wanted[@]}"; do
        [[ -z ${found[$have]-} ]] || continue
        batch+=("route replace $have proto $PROTOCOL")
        healed+=("route $have${wanted[$have]:+ (${wanted[$have]})}")
    done
    for dst in "${!unresolved[@]}"; do
        problems+=("${unresolved[$dst]}, next hop of $dst, has no address yet")
    done
    ((${#batch[@]})) || return 0
    errors=$(printf '%s\n' "${batch[@]}" | ip -4 -force -batch - 2>&1) || problems+=("ip route: ${errors//$'\n'/ }")
}
