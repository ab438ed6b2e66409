# One line per item of a node's plan: its kind, its key and its value, separated by tabs. The input is the plan of the
# cluster, then what only this node has; $node is its name.
def checked(what; pattern):
    if type == "string" and test(pattern) then . else error("\(tojson) is not \(what)") end;
def cidr: checked("an IPv4 prefix"; "^[0-9]{1,3}([.][0-9]{1,3}){3}/[0-9]{1,2}$");
def device: checked("a name of a device"; "^[a-z0-9][a-z0-9_.-]{0,14}$");
def name: checked("a name"; "^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$");

. as [$cluster, $own]
# The Pulumi provider of Kubernetes leaves out empty lists.
| ($own.attachments // []) as $attachments
| ($cluster.unreachable.metric | tostring | checked("a metric"; "^[0-9]+$")) as $metric
| ["nodes-network", ($cluster.nodesNetwork | cidr)],
  (($cluster.exempt // [])[] | ["exempt", cidr]),
  ($attachments[] | ["attachment", (.network | name), (.conflist | tojson)]),
  (select(any($attachments[].conflist.plugins[]; .type == "netroutes")) | ["plugin", "netroutes"]),
  # Cilium installs its own plugin, and netroutes is ours.
  ([$attachments[].conflist.plugins[] | .type, (.ipam.type // empty)] - ["cilium-cni", "netroutes"]
      | unique[] | ["binary", name]),
  ($attachments[].conflist.plugins[] | select(.type == "bridge") | ["bridge", (.bridge // "cni0" | device)]),
  ($cluster.slices // {} | to_entries[] | (.key | name) as $via | .value // [] | .[] | cidr
      | if $via == $node then ["unreachable", ., $metric] else ["route", ., $via] end),
  (($cluster.unreachable.cidrs // [])[] | ["unreachable", cidr, $metric])
| join("\t")
