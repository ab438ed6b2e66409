# What stays inside an extra network keeps its source address, although the cluster's CNI may masquerade whatever leaves
# the node. The kernel asks the nat chains of a hook by their priority, whoever made them, until one of them has decided
# on a connection. Ours comes before those of iptables, kube-proxy and the CNIs (100), and decides that the source stays as
# it is. So the order of their rules does not matter, and none of them rewrites this table.

readonly LIST_EXEMPTION=(nft --stateless list table ip multinet)
readonly FORMER_CHAIN=MULTINET-EXEMPT # where earlier agents kept the exemption, in the nat table of iptables
exemption="" expected=""              # what nft is given, and how it should list that

keep_exemption() {
    local errors
    [[ -n $expected ]] || learn_exemption || return 0
    [[ $(exec "${LIST_EXEMPTION[@]}" 2>/dev/null) != "$expected" ]] || return 0
    if errors=$(nft --file - <<<"$exemption" 2>&1); then
        healed+=("exemption from masquerade")
        remove_former_exemption
        drop_masqueraded
    else
        problems+=("nft: ${errors//$'\n'/ }")
    fi
}

# Versions of nft list the same in different words: learn those of this one where nobody else writes.
learn_exemption() {
    local network
    exemption="
        add table ip multinet
        delete table ip multinet
        add table ip multinet
        add chain ip multinet postrouting { type nat hook postrouting priority -190; }"
    for network in "${exempt[@]}"; do
        exemption+="
        add rule ip multinet postrouting ip saddr $network ip daddr $network snat to ip saddr"
    done
    expected=$(unshare --net bash -c 'nft --file - && exec "$@"' bash "${LIST_EXEMPTION[@]}" <<<"$exemption" 2>&1) || {
        problems+=("nft: ${expected//$'\n'/ }")
        expected=""
        return 1
    }
}

# Only the first packet of a connection is shown to a nat chain: what was masqueraded would stay so to its end.
drop_masqueraded() {
    local network line way
    local -A ways
    for network in "${exempt[@]}"; do
        ways=()
        # conntrack's own --src-nat lets through what keeps its source, too.
        while read -r line; do
            [[ $line =~ src=([0-9.]+)\ .*\ dst=([0-9.]+) && ${BASH_REMATCH[1]} != "${BASH_REMATCH[2]}" ]] || continue
            ways["${BASH_REMATCH[1]} as ${BASH_REMATCH[2]}"]=yes
        done < <(exec conntrack --dump --orig-src "$network" --orig-dst "$network" 2>/dev/null)
        for way in "${!ways[@]}"; do
            conntrack --delete --orig-src "${way% as *}" --orig-dst "$network" --reply-dst "${way#* as }" &>/dev/null &&
                log "connections of $way in $network ended"
        done
    done
}

# It would outlive its networks. To ask for legacy tables would make them.
remove_former_exemption() {
    local tables="" iptables
    read -r -d '' tables 2>/dev/null </proc/net/ip_tables_names
    for iptables in iptables-nft iptables-legacy; do
        [[ $iptables == iptables-nft || $tables == *nat* ]] || continue
        $iptables -w 5 -t nat -S $FORMER_CHAIN &>/dev/null || continue
        $iptables-restore -w 5 --noflush <<<"*nat
-D POSTROUTING -j $FORMER_CHAIN
-F $FORMER_CHAIN
-X $FORMER_CHAIN
COMMIT" && log "former chain $FORMER_CHAIN removed"
    done
}
