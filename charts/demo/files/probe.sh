# Reads lines "KIND ADDRESS", probes several of them at once, each for a few seconds at most, and prints one line for each
# in the same order: "KIND ADDRESS ok|fail DETAIL".
#   icmp          one echo; DETAIL is the reply's ttl=N
#   tcp, udp      the responder's port 7000; DETAIL is the source address that the peer saw
#   large         the same over UDP with 4000 bytes: more than any MTU, so it arrives in fragments. Not an echo, as Cilium
#                 drops every fragment of ICMP (its bpf/lib/conntrack.h says why)
#   bulk          4 MiB to the responder's port 7001; DETAIL is how many bytes came, "N bytes"
#   unreachable   ok when the network answers that nobody is there; DETAIL is who answered
#   multicast     ADDRESS is GROUP/MEMBER/OWN: five datagrams to the group, by the interface that has the address OWN;
#                 DETAIL is how many of them MEMBER answered, "N/5"
# But for multicast the way is the pod's own routing. DETAIL of a failure is one word or a short text.

readonly PORT=7000 BULK_PORT=7001 BULK_BYTES=4194304 AT_ONCE=16
scripts=$(dirname "$0")

answer() { # ok|fail DETAIL
    printf '%s %s %s\n' "$kind $address" "$1" "$2"
}

# ping repeats every half second until the first reply or error, so one lost packet is no failure.
echoes() { # SECONDS
    LC_ALL=C ping -n -c 1 -i 0.5 -w "$1" "$address" 2>&1
}

probe_icmp() {
    local said
    said=$(echoes 2)
    if [[ $said =~ (ttl=[0-9]+) ]]; then
        answer ok "${BASH_REMATCH[1]}"
    else
        answer fail "$(why "$said")"
    fi
}

probe_unreachable() {
    local said
    # A node asks three times, a second each, before it gives up an address of its own bridge.
    said=$(echoes 4)
    if [[ $said =~ ttl=[0-9]+ ]]; then
        answer fail reply
    elif [[ $said =~ From\ ([0-9.]+)\ icmp_seq=[0-9]+\ [^$'\n']*[Uu]nreachable ]]; then
        answer ok "${BASH_REMATCH[1]}"
    else
        answer fail "$(why "$said")"
    fi
}

why() { # what ping said
    if [[ $1 =~ From\ ([0-9.]+)\ icmp_seq=[0-9]+\ ([^$'\n']*) ]]; then
        echo "${BASH_REMATCH[2]} from ${BASH_REMATCH[1]}"
    elif [[ $1 == *"etwork is unreachable"* ]]; then
        echo no-route
    else
        echo timeout
    fi
}

probe_tcp() {
    local seen status
    seen=$(timeout 2 socat -u "TCP4:$address:$PORT,connect-timeout=2" STDOUT 2>&1)
    status=$?
    if ((status == 0)) && [[ $seen =~ ^[0-9.]+$ ]]; then
        answer ok "$seen"
    else
        answer fail "$(why_not_tcp "$seen")"
    fi
}

why_not_tcp() { # what socat said
    if [[ $1 == *refused* ]]; then
        echo refused
    elif [[ $1 == *nreachable* || $1 == *"No route"* ]]; then
        echo unreachable
    else
        echo timeout
    fi
}

probe_bulk() {
    local said
    # It stops writing at the end of the input, then waits for the answer.
    said=$(head -c "$BULK_BYTES" /dev/zero |
        timeout 5 socat -t 5 - "TCP4:$address:$BULK_PORT,connect-timeout=2" 2>&1)
    if [[ $said =~ ^[0-9]+$ ]]; then
        answer ok "$said bytes"
    else
        answer fail "$(why_not_tcp "$said")"
    fi
}

probe_multicast() {
    local said group member own
    IFS=/ read -r group member own <<<"$address"
    if said=$(timeout 5 perl "$scripts/multicast.pl" "$group" "$member" "$own" 2>&1); then
        answer ok "$said"
    else
        answer fail "${said:-timeout}"
    fi
}

probe_udp() { # BYTES
    local seen try
    if ! exec 2>/dev/null {socket}<>"/dev/udp/$address/$PORT"; then
        answer fail no-route
        return
    fi
    for try in 1 2; do
        dd if=/dev/zero bs="$1" count=1 status=none >&"$socket"
        # Not the builtin read: it takes single bytes, and the rest of a datagram is lost with the first one.
        seen=$(timeout 1 head -n 1 <&"$socket")
        if [[ -n $seen ]]; then
            answer ok "$seen"
            return
        fi
    done
    answer fail timeout
}

readonly IPV4='[0-9]{1,3}(\.[0-9]{1,3}){3}'

probe() {
    local form="^$IPV4$" name="an IPv4 address"
    if [[ $kind == multicast ]]; then
        form="^$IPV4/$IPV4/$IPV4$"
        name="three IPv4 addresses"
    fi
    if [[ ! $address =~ $form ]]; then
        answer fail "not $name"
        return
    fi
    case $kind in
        icmp) probe_icmp ;;
        tcp) probe_tcp ;;
        bulk) probe_bulk ;;
        udp) probe_udp 9 ;;
        large) probe_udp 4000 ;;
        unreachable) probe_unreachable ;;
        multicast) probe_multicast ;;
        *) answer fail "not a kind of probe" ;;
    esac
}

print_oldest() {
    local line fd=${running[0]}
    running=("${running[@]:1}")
    IFS= read -r line <&"$fd"
    printf '%s\n' "$line"
    exec {fd}<&-
}

running=()
while read -r kind address || [[ -n $kind ]]; do
    exec {result}< <(probe </dev/null)
    running+=("$result")
    ((${#running[@]} < AT_ONCE)) || print_oldest
done
while ((${#running[@]})); do
    print_oldest
done
