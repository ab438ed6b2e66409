// kindnet stands in for kind's default CNI on machines that cannot get its image. It does what kindnet does for
// an IPv4 cluster: a ptp network for the node's pod CIDR, a route to the pod CIDR of each other node, and
// masquerading of every source that leaves the pod network. It has no network policies and no IPv6.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
)

// resync is how often the node is compared with what it should be although no node object changed.
const resync = 30 * time.Second

func main() {
	log.SetFlags(log.LstdFlags | log.LUTC)
	log.Print("this is the multinet STAND-IN for kindnet: pod routes and masquerading only, no network policies, IPv4 only")
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Getenv("NODE_NAME"), os.Getenv("POD_SUBNET")); err != nil && ctx.Err() == nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, node, podSubnet string) error {
	if node == "" || podSubnet == "" {
		return errors.New("NODE_NAME and POD_SUBNET must be set in the DaemonSet")
	}
	client, err := apiClient()
	if err != nil {
		return err
	}
	factory := informers.NewSharedInformerFactory(client, resync)
	nodes := factory.Core().V1().Nodes()
	changed := make(chan struct{}, 1)
	notify := func() {
		select {
		case changed <- struct{}{}:
		default:
		}
	}
	_, err = nodes.Informer().AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    func(any) { notify() },
		UpdateFunc: func(any, any) { notify() },
		DeleteFunc: func(any) { notify() },
	})
	if err != nil {
		return err
	}
	factory.Start(ctx.Done())
	factory.WaitForCacheSync(ctx.Done())
	for {
		all, err := nodes.Lister().List(labels.Everything())
		if err == nil {
			err = reconcile(node, podSubnet, all)
		}
		if err != nil {
			log.Print(err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-changed:
		}
	}
}

// reconcile makes this node agree with the nodes of the cluster; it goes on after a failure and returns all of them.
func reconcile(self, podSubnet string, nodes []*corev1.Node) error {
	faults := []error{masquerade(podSubnet)}
	for _, node := range nodes {
		if node.Spec.PodCIDR == "" {
			continue
		}
		var err error
		if node.Name == self {
			err = writeNetwork(node.Spec.PodCIDR)
		} else {
			err = routeTo(node)
		}
		if err != nil {
			faults = append(faults, fmt.Errorf("node %s: %w", node.Name, err))
		}
	}
	return errors.Join(faults...)
}

func apiClient() (*kubernetes.Clientset, error) {
	config, err := rest.InClusterConfig()
	if err != nil {
		return nil, err
	}
	// kind sets this so that the network does not wait for kube-proxy.
	if endpoint := os.Getenv("CONTROL_PLANE_ENDPOINT"); endpoint != "" {
		config.Host = "https://" + strings.TrimPrefix(endpoint, "https://")
	}
	return kubernetes.NewForConfig(config)
}
