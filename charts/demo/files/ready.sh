# The probe: succeeds when all listeners are up, every network of the pod is there and every group is joined; otherwise
# says what is missing.
# Environment: NETWORKS, comma-separated; the n-th one is the interface netN. MULTICAST_GROUPS, comma-separated
# GROUP@INTERFACE.
IFS=, read -ra networks <<<"${NETWORKS-}"
IFS=, read -ra groups <<<"${MULTICAST_GROUPS-}"
status=0

missing() {
    echo "$1"
    status=1
}

# The kernel lists each interface with its number, and below it the groups, in hexadecimal and from the last byte on.
joined() { # group interface
    local a b c d group index name device=
    IFS=. read -r a b c d <<<"$1"
    printf -v group '%02X%02X%02X%02X' "$d" "$c" "$b" "$a"
    while read -r index name _; do
        [[ ! $index =~ ^[0-9]+$ ]] || device=$name
        [[ $device != "$2" || $index != "$group" ]] || return 0
    done </proc/net/igmp
    return 1
}

for i in "${!networks[@]}"; do
    [[ -e /sys/class/net/net$((i + 1)) ]] ||
        missing "net$((i + 1)) (${networks[i]}) is missing: this pod was made before Multus was ready; delete the pod"
done
for entry in "${groups[@]}"; do
    joined "${entry%@*}" "${entry#*@}" ||
        missing "group ${entry%@*} is not joined on ${entry#*@}: look at the log of this pod"
done
# Ports 7000 and 7001 are 1B58 and 1B59; state 0A is listening, 07 an unconnected UDP socket.
tcp=$(</proc/net/tcp)
[[ $tcp == *:1B58\ 00000000:0000\ 0A* ]] || missing "nothing listens on TCP port 7000"
[[ $tcp == *:1B59\ 00000000:0000\ 0A* ]] || missing "nothing listens on TCP port 7001"
[[ $(</proc/net/udp) == *:1B58\ 00000000:0000\ 07* ]] || missing "nothing listens on UDP port 7000"
exit $status
