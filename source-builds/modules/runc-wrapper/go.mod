module multinet/toolchain/runc-wrapper

go 1.24.0
