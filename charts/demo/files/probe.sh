# Reads lines "KIND ADDRESS", probes several of them at once, each within two seconds, and prints one line for each in
# the same order: "KIND ADDRESS ok|fail DETAIL".
#   icmp, large   one echo, 56 or 4000 bytes of payload; DETAIL is the reply's ttl=N
#   tcp, udp      the responder's port 7000; DETAIL is the source address that the peer saw
#   unreachable   ok when the network answers that nobody is there; DETAIL is who answered
# The way is the pod's own routing. DETAIL of a failure is one word or a short text.

readonly PORT=7000 AT_ONCE=16

answer() { # ok|fail DETAIL
    printf '%s %s %s\n' "$kind $address" "$1" "$2"
}

# ping repeats every half second until the first reply or error, so one lost packet is no failure.
echoes() { # ping option...
    LC_ALL=C ping -n -c 1 -i 0.5 -w 2 "$@" "$address" 2>&1
}

probe_icmp() {
    local said
    said=$(echoes "$@")
    if [[ $said =~ (ttl=[0-9]+) ]]; then
        answer ok "${BASH_REMATCH[1]}"
    else
        answer fail "$(why "$said")"
    fi
}

probe_unreachable() {
    local said
    said=$(echoes)
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
    elif [[ $seen == *refused* ]]; then
        answer fail refused
    elif [[ $seen == *nreachable* || $seen == *"No route"* ]]; then
        answer fail unreachable
    else
        answer fail timeout
    fi
}

probe_udp() {
    local seen try
    if ! exec 2>/dev/null {socket}<>"/dev/udp/$address/$PORT"; then
        answer fail no-route
        return
    fi
    for try in 1 2; do
        printf 'who am I\n' >&"$socket"
        # Not the builtin read: it takes single bytes, and the rest of a datagram is lost with the first one.
        seen=$(timeout 1 head -n 1 <&"$socket")
        if [[ -n $seen ]]; then
            answer ok "$seen"
            return
        fi
    done
    answer fail timeout
}

probe() {
    if [[ ! $address =~ ^[0-9]{1,3}(\.[0-9]{1,3}){3}$ ]]; then
        answer fail "not an IPv4 address"
        return
    fi
    case $kind in
        icmp) probe_icmp ;;
        large) probe_icmp -s 4000 ;;
        tcp) probe_tcp ;;
        udp) probe_udp ;;
        unreachable) probe_unreachable ;;
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
