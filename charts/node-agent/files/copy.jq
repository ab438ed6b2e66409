# The configuration of Multus with a fresh copy of the primary network's; nothing if it has that. Multus passes on the
# capabilities of all of its plugins, and so names them as its own.
. as [$primary, $multus]
| if ($primary.plugins | type) != "array" or ($multus.delegates | type) != "array" then
    error("the one has no plugins, or the other no delegates")
  else . end
| ([$primary.plugins[].capabilities // {}] | add) as $capabilities
| $multus
| .delegates[0] = $primary
| if $capabilities == {} then del(.capabilities) else .capabilities = $capabilities end
| if . == $multus then "" else tojson end
