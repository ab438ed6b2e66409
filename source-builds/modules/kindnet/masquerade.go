package main

import (
	"fmt"
	"os/exec"
	"strings"
)

// chain has the name that kindnet gives it, so that what is said about kindnet's rules holds here too.
const chain = "KIND-MASQ-AGENT"

// masquerade gives every packet that leaves this node for somewhere outside the pod network the node's own address,
// whatever its source. Missing rules are appended, others are left alone, as kindnet does.
func masquerade(podSubnets string) error {
	if iptables("-n", "-L", chain) != nil {
		if err := iptables("-N", chain); err != nil {
			return err
		}
	}
	for _, subnet := range strings.Split(podSubnets, ",") {
		err := appendMissing(chain, "-d", subnet, "-m", "comment", "--comment", "kind-masq-agent: local traffic is not subject to MASQUERADE", "-j", "RETURN")
		if err != nil {
			return err
		}
	}
	err := appendMissing(chain, "-m", "comment", "--comment", "kind-masq-agent: outbound traffic is subject to MASQUERADE (must be last in chain)", "-j", "MASQUERADE")
	if err != nil {
		return err
	}
	return appendMissing("POSTROUTING", "-m", "addrtype", "!", "--dst-type", "LOCAL", "-m", "comment", "--comment", "kind-masq-agent: ensure nat POSTROUTING directs all non-LOCAL destination traffic to our custom KIND-MASQ-AGENT chain", "-j", chain)
}

func appendMissing(chain string, rule ...string) error {
	if iptables(append([]string{"-C", chain}, rule...)...) == nil {
		return nil
	}
	return iptables(append([]string{"-A", chain}, rule...)...)
}

func iptables(arguments ...string) error {
	output, err := exec.Command("iptables", append([]string{"-w", "-t", "nat"}, arguments...)...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("iptables %s: %w: %s", strings.Join(arguments, " "), err, strings.TrimSpace(string(output)))
	}
	return nil
}
