# Tells the cluster what was healed: an Event about the node, at most one every ten seconds, repeated until it is taken.

declare -a unreported=()
next_report=0 complained=""

record() { # WHAT...
    unreported+=("$@")
    unreported=("${unreported[@]:0:50}")
}

report() {
    local answer
    uptime_seconds
    ((${#unreported[@]} && REPLY >= next_report)) || return 0
    next_report=$((REPLY + 10))
    sentence "${unreported[@]}"
    if answer=$(post_event "Put right on this node: $REPLY" 2>&1); then
        unreported=() complained=""
    elif [[ -z $complained ]]; then
        log "the event is not recorded yet and will be tried again: $answer"
        complained=yes
    fi
}

post_event() { # MESSAGE
    local account=/var/run/secrets/kubernetes.io/serviceaccount now
    TZ=UTC printf -v now '%(%Y-%m-%dT%H:%M:%SZ)T' -1
    jq --null-input --arg node "$NODE_NAME" --arg name "$NODE_NAME.${EPOCHREALTIME/[.,]/}" --arg now "$now" \
        --arg message "${1:0:1000}" '{
            apiVersion: "v1", kind: "Event", type: "Warning", reason: "RoutesHealed", message: $message, count: 1,
            metadata: {name: $name, namespace: "default"},
            # Events about a node carry its name as its uid; describe looks for that.
            involvedObject: {apiVersion: "v1", kind: "Node", name: $node, uid: $node},
            source: {component: "node-routes", host: $node},
            reportingComponent: "node-routes", reportingInstance: $node,
            firstTimestamp: $now, lastTimestamp: $now
        }' |
        curl --silent --show-error --fail --max-time 2 --output /dev/null --cacert "$account/ca.crt" \
            --header @<(printf 'Authorization: Bearer %s\n' "$(<"$account/token")") \
            --header "Content-Type: application/json" --data-binary @- \
            "https://$KUBERNETES_SERVICE_HOST:$KUBERNETES_SERVICE_PORT/api/v1/namespaces/default/events"
}
