module multinet/toolchain/pause

go 1.24.0
