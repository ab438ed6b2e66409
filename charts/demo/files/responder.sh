# Answers every TCP connection and every UDP datagram on port 7000 with the address it came from.

listen() { # SOCAT ADDRESS, ANSWER; a listener that dies is started again
    while :; do
        socat "$1" "$2"
        echo "listener $1 ended with status $?, starting it again"
        sleep 0.2
    done
}

trap 'exit 0' TERM INT
listen TCP4-LISTEN:7000,fork,reuseaddr,backlog=128 EXEC:"printenv SOCAT_PEERADDR" &
# The datagram has to be read first: socat drops the answer of a program that ends with its input unread.
listen UDP4-RECVFROM:7000,fork SYSTEM:'read -r question; echo "$SOCAT_PEERADDR"' &
wait
