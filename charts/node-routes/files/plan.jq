# One line per item of a node's plan: its kind, its key and its value, separated by tabs.
def checked(what; pattern):
    if type == "string" and test(pattern) then . else error("\(tojson) is not \(what)") end;
def cidr: checked("an IPv4 prefix"; "^[0-9]{1,3}([.][0-9]{1,3}){3}/[0-9]{1,2}$");
def device: checked("a name of a device"; "^[a-z0-9][a-z0-9_.-]{0,14}$");
def name: checked("a name"; "^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$");

# The Pulumi provider of Kubernetes leaves out empty lists.
(.networks // [] | .[] | ["network", (.cidr | cidr), (.name | name)]),
(.attachments // [] | .[] | ["attachment", (.network | name), (.conflist | tojson)]),
(select(any(.attachments // [] | .[].conflist.plugins[]; .type == "netroutes")) | ["plugin", "netroutes"]),
# Cilium installs its own plugin, and netroutes is ours.
([.attachments // [] | .[].conflist.plugins[] | .type, (.ipam.type // empty)] - ["cilium-cni", "netroutes"]
    | unique[] | ["binary", name]),
(.attachments // [] | .[].conflist.plugins[] | select(.type == "bridge") | ["bridge", (.bridge | device)]),
(.routes // [] | .[] | ["route", (.dst | cidr), (.via | name)]),
(.unreachable // [] | .[] | ["unreachable", cidr, "4096"])
| join("\t")
