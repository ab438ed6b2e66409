package main

import (
	"encoding/json"
	"fmt"
	"log"
	"net"
	"os"

	"github.com/vishvananda/netlink"
	corev1 "k8s.io/api/core/v1"
)

const (
	networkFile = "/etc/cni/net.d/10-kindnet.conflist"
	// A tmpfs in kind's nodes: leases end with the sandboxes that held them when the node restarts.
	leases     = "/run/cni-ipam-state"
	defaultMTU = 1500
)

type object = map[string]any

// writeNetwork tells the container runtime how to connect a pod of this node.
func writeNetwork(podCIDR string) error {
	want, err := json.MarshalIndent(object{
		"cniVersion": "0.3.1",
		"name":       "kindnet",
		"plugins": []object{
			{
				"type": "ptp", "ipMasq": false, "mtu": uplinkMTU(),
				"ipam": object{
					"type": "host-local", "dataDir": leases,
					"ranges": [][]object{{{"subnet": podCIDR}}},
					"routes": []object{{"dst": "0.0.0.0/0"}},
				},
			},
			{"type": "portmap", "capabilities": object{"portMappings": true}},
		},
	}, "", "  ")
	if err != nil {
		return err
	}
	if have, err := os.ReadFile(networkFile); err == nil && string(have) == string(want) {
		return nil
	}
	log.Printf("writing %s for %s", networkFile, podCIDR)
	// The runtime watches the directory and must never see half a file.
	temporary := networkFile + ".tmp"
	if err := os.WriteFile(temporary, want, 0o644); err != nil {
		return err
	}
	return os.Rename(temporary, networkFile)
}

func uplinkMTU() int {
	link, err := netlink.LinkByName("eth0")
	if err != nil {
		return defaultMTU
	}
	return link.Attrs().MTU
}

func routeTo(node *corev1.Node) error {
	_, destination, err := net.ParseCIDR(node.Spec.PodCIDR)
	if err != nil {
		return err
	}
	for _, address := range node.Status.Addresses {
		if address.Type == corev1.NodeInternalIP {
			return netlink.RouteReplace(&netlink.Route{Dst: destination, Gw: net.ParseIP(address.Address)})
		}
	}
	return fmt.Errorf("no internal address yet, so no route to %s", destination)
}
