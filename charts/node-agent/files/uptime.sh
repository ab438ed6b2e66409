# Seconds since the machine was started, into REPLY: a clock that is set does not change them.
uptime_seconds() {
    read -r REPLY _ </proc/uptime
    REPLY=${REPLY%%.*}
}
