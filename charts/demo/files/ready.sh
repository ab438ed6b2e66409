# The probe: succeeds when both listeners are up and every network of the pod is there, otherwise says what is missing.
# Environment: NETWORKS, comma-separated as in the pod's annotation; the n-th one is the interface netN.
IFS=, read -ra networks <<<"${NETWORKS-}"
status=0

missing() {
    echo "$1"
    status=1
}

for i in "${!networks[@]}"; do
    [[ -e /sys/class/net/net$((i + 1)) ]] ||
        missing "net$((i + 1)) (${networks[i]}) is missing: this pod was made before Multus was ready; delete the pod"
done
# Port 7000 is 1B58; state 0A is listening, 07 an unconnected UDP socket.
[[ $(</proc/net/tcp) == *:1B58\ 00000000:0000\ 0A* ]] || missing "nothing listens on TCP port 7000"
[[ $(</proc/net/udp) == *:1B58\ 00000000:0000\ 07* ]] || missing "nothing listens on UDP port 7000"
exit $status
