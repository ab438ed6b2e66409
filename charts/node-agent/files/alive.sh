# A probe: succeeds when the agent finished a round in the last $1 seconds.
source "${0%/*}/uptime.sh"

# A machine that slept has only just let the agent go on: it may have three seconds.
for ((n = 0; n < 15; n++)); do
    beat=""
    read -r beat 2>/dev/null <"$STATUS_FILE.beat"
    uptime_seconds
    [[ ! $beat =~ ^[0-9]{12}$ ]] || ((REPLY - 10#$beat > $1)) || exit 0
    sleep 0.2
done
echo "the agent has finished no round for more than $1 seconds"
exit 1
