# The probe: succeeds when the agent last found the node equal to the plan, otherwise says what is missing.
status="the agent has not looked yet"
read -r status 2>/dev/null <"$STATUS_FILE"
echo "$status"
[[ $status == ready ]]
