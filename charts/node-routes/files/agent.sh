# Keeps this node's part of the extra networks equal to its plan: CNI files and plugins, forwarding, routes, no masquerade.
# Environment: NODE_NAME, RELEASED (seconds since 1970), PLAN_FILE, NETWORK_DIR (/etc/cni/multus/net.d), PLUGIN_DIR
# (/opt/cni/bin), PLUGIN_SOURCE (/opt/multinet/cni-plugins), PRIMARY_CONF and MULTUS_CONF (CNI files of the cluster's own
# network and of Multus), STATUS_FILE.
# Nothing is undone at the end: the routes must outlive an agent that is being replaced.
set -uo pipefail
here=${0%/*}
source "$here/state.sh"
source "$here/watch.sh"
source "$here/event.sh"

# The plan: destination -> name of the next hop, destination -> metric, network -> CNI file, name of a CNI plugin of our
# own -> its text, names of the other CNI plugins, name of a bridge -> yes, rules against masquerade.
declare -A via=() unreachable=() conflist=() plugin=() bridge=()
declare -a exempt=() binary=()
declare -A address=() # name of a next hop -> its address, as far as known
declare -a healed problems
plan="" converged="" published="" compared=""

log() { printf '%s\n' "$*"; }

sentence() { # PART... into REPLY
    printf -v REPLY '%s; ' "$@"
    REPLY=${REPLY%; }
}

load_plan() {
    local kind key value
    if ! plan=$(jq --raw-output --from-file "$here/plan.jq" "$PLAN_FILE" 2>&1); then
        problems=("no usable plan for $NODE_NAME: $plan")
        return 1
    fi
    while IFS=$'\t' read -r kind key value; do
        case $kind in
            network) exempt+=("-A $CHAIN -s $key -d $key -j ACCEPT") ;;
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
    healed=() problems=()
    keep_forwarding
    keep_plugins
    keep_attachments
    keep_copy
    remove_former_bridges
    keep_routes
    keep_exemption
}

publish() {
    sentence "${problems[@]:-ready}"
    [[ $REPLY != "$published" ]] || return 0
    printf '%s\n' "$REPLY" >"$STATUS_FILE"
    log "$REPLY"
    published=$REPLY
}

round() {
    compare
    if ((${#healed[@]})); then
        sentence "${healed[@]}"
        log "changed: $REPLY"
        [[ -z $converged ]] || record "${healed[@]}"
        compare # what was changed must hold
        problems+=("${healed[@]/%/ does not hold}")
    fi
    if [[ -z $converged ]] && ! ((${#problems[@]})); then
        # From here on, over restarts of the agent and of the node, a change under the same plan is a repair.
        write_file "$MARKER" "$plan" && converged=yes
    fi
    [[ -e $MULTUS_CONF ]] || problems+=("Multus has not written ${MULTUS_CONF##*/} here; if that lasts, delete this node's Multus pod")
    publish
    report
}

# While a release is upgraded two agents share the node; the younger one acts.
is_youngest() {
    local youngest=0
    read -r youngest 2>/dev/null <"$YOUNGEST"
    ((youngest <= RELEASED)) || return 1
    ((youngest == RELEASED)) || write_file "$YOUNGEST" "$RELEASED"
}

trap 'exit 0' TERM INT
mkdir -p "${STATUS_FILE%/*}"
until load_plan; do
    publish
    pause 2
done
! holds "$MARKER" "$plan" || converged=yes
start_watching
((${#via[@]} == 0)) || wait_for_change # for the first addresses
while :; do
    if is_youngest; then
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
