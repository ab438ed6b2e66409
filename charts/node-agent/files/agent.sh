# Keeps this node's part of the extra networks equal to its plan: CNI files and plugins, forwarding, routes, no masquerade.
# Environment: NODE_NAME, GENERATION (of the DaemonSet's template), CLUSTER_PLAN and NODE_PLAN (files),
# NETWORK_DIR (/etc/cni/multus/net.d), PLUGIN_DIR (/opt/cni/bin), PLUGIN_SOURCE (/opt/multinet/cni-plugins), PRIMARY_CONF
# and MULTUS_CONF (CNI files of the cluster's own network and of Multus), STATUS_FILE.
# Nothing is undone at the end: the routes must outlive an agent that is being replaced.
set -uo pipefail
here=${0%/*}
for part in uptime state exemption watch handover event; do
    source "$here/$part.sh"
done

# The plan: the CIDR of all nodes' addresses, destination -> name of the next hop, destination -> metric, network -> CNI
# file, name of a CNI plugin of our own -> its text, names of the other CNI plugins, name of a bridge -> yes, CIDRs of
# the networks that nobody may masquerade.
nodes_network=""
declare -A via=() unreachable=() conflist=() plugin=() bridge=()
declare -a exempt=() binary=()
declare -A address=() # name of a next hop -> its address, as far as known
declare -a healed followed problems
plan="" converged="" published="" compared="" copied=""

log() { printf '%s\n' "$*"; }

sentence() { # PART... into REPLY
    printf -v REPLY '%s; ' "$@"
    REPLY=${REPLY%; }
}

load_plan() {
    local kind key value
    if ! plan=$(jq --raw-output --slurp --arg node "$NODE_NAME" --from-file "$here/plan.jq" "$CLUSTER_PLAN" "$NODE_PLAN" 2>&1); then
        problems=("no usable plan for $NODE_NAME: $plan")
        return 1
    fi
    while IFS=$'\t' read -r kind key value; do
        case $kind in
            nodes-network) nodes_network=$key ;;
            exempt) exempt+=("$key") ;;
            attachment) conflist[$key]=$value ;;
            plugin) plugin[$key]=$(<"$here/$key") ;;
            binary) binary+=("$key") ;;
            bridge) bridge[$key]=yes ;;
            route) via[$key]=$value ;;
            unreachable) unreachable[$key]=$value ;;
        esac
    done <<<"$plan"
}

compare() {
    healed=() followed=() problems=()
    keep_forwarding
    keep_plugins
    keep_attachments
    keep_copy
    remove_former_bridges
    keep_routes
    keep_exemption
}

# Says how the node is, and every time that this agent still looks.
publish() {
    uptime_seconds
    # One write over the former text, so that no probe ever reads a part of it.
    printf '%012d\n' "$REPLY" 1<>"$STATUS_FILE.beat"
    sentence "${problems[@]:-ready}"
    [[ $REPLY != "$published" ]] || return 0
    write_file "$STATUS_FILE" "$REPLY"
    log "$REPLY"
    published=$REPLY
}

round() {
    local -a changed
    compare
    changed=("${healed[@]}" "${followed[@]}")
    if ((${#changed[@]})); then
        sentence "${changed[@]}"
        log "changed: $REPLY"
        [[ -z $converged ]] || record "${healed[@]}"
        compare # what was changed must hold
        problems+=("${healed[@]/%/ does not hold}" "${followed[@]/%/ does not hold}")
    fi
    if [[ -z $converged ]] && ! ((${#problems[@]})); then
        # From here on, over restarts of the agent and of the node, a change under the same plan is a repair.
        write_file "$MARKER" "$plan" && converged=yes
    fi
    [[ -e $MULTUS_CONF ]] || problems+=("Multus has not written ${MULTUS_CONF##*/} here; if that lasts, delete this node's Multus pod")
    publish
    report
}

trap 'exit 0' TERM INT
mkdir -p "${STATUS_FILE%/*}"
until load_plan; do
    publish
    pause 2
done
! holds "$MARKER" "$plan" || converged=yes
claim_node
start_watching
((${#via[@]} == 0)) || wait_for_change # for the first addresses
while :; do
    if is_newest; then
        round
    else
        problems=("a newer agent keeps this node")
        publish
    fi
    if [[ -e $MULTUS_CONF ]]; then
        wait_for_change
    else
        wait_for_multus
    fi
done
