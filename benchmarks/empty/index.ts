import "@pulumi/command";
import "@pulumi/docker";
import "@pulumi/kubernetes";
import "@pulumi/pulumi";
