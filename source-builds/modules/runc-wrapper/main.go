// An OCI runtime that asks for no more than this machine can give, then becomes runc.
//
// Privileged containers ask for every capability, for rlimits and an OOM score that only CAP_SYS_RESOURCE may set. On
// a machine that lacks some of these runc refuses to start them; kind nodes do not need what is missing.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "runc-wrapper:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	runc, err := exec.LookPath("runc")
	if err != nil {
		return err
	}
	if err := trimFor(args); err != nil {
		return err
	}
	return syscall.Exec(runc, append([]string{runc}, args...), os.Environ())
}

// trimFor edits the file in which this runc command line describes the process to start.
func trimFor(args []string) error {
	for _, arg := range args {
		switch arg {
		case "create", "run", "restore":
			bundle := option(args, "--bundle", "-b")
			return edit(filepath.Join(bundle, "config.json"), func(config object) error {
				process, _ := config["process"].(object)
				return trim(process)
			})
		case "exec":
			if process := option(args, "--process", "-p"); process != "" {
				return edit(process, trim)
			}
			return nil
		}
	}
	return nil
}

// option returns the value of an option written as `--name value`, `--name=value` or `-n value`.
func option(args []string, long, short string) string {
	for i, arg := range args {
		if value, ok := strings.CutPrefix(arg, long+"="); ok {
			return value
		}
		if (arg == long || arg == short) && i+1 < len(args) {
			return args[i+1]
		}
	}
	return ""
}

type object = map[string]any

func edit(path string, change func(object) error) error {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // runc itself says what is missing
	}
	if err != nil {
		return err
	}
	defer file.Close()
	decoder := json.NewDecoder(file)
	decoder.UseNumber()
	var content object
	if err := decoder.Decode(&content); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if err := change(content); err != nil {
		return err
	}
	text, err := json.Marshal(content)
	if err != nil {
		return err
	}
	temporary := path + ".trimmed"
	if err := os.WriteFile(temporary, text, 0o600); err != nil {
		return err
	}
	return os.Rename(temporary, path)
}

func trim(process object) error {
	bounding, err := boundingSet()
	if err != nil {
		return err
	}
	sets, _ := process["capabilities"].(object)
	for name, set := range sets {
		if list, ok := set.([]any); ok {
			sets[name] = slices.DeleteFunc(list, func(capability any) bool {
				return !bounding.has(capability)
			})
		}
	}
	if bounding.has("CAP_SYS_RESOURCE") {
		return nil
	}
	if err := trimLimits(process); err != nil {
		return err
	}
	return trimOOMScore(process)
}

// trimLimits lowers rlimits to our own hard limits.
func trimLimits(process object) error {
	limits, _ := process["rlimits"].([]any)
	for _, entry := range limits {
		limit, _ := entry.(object)
		name, _ := limit["type"].(string)
		number := slices.Index(resources, name)
		if number < 0 {
			continue
		}
		var own syscall.Rlimit
		if err := syscall.Getrlimit(number, &own); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		for _, key := range []string{"hard", "soft"} {
			wanted, err := strconv.ParseUint(fmt.Sprint(limit[key]), 10, 64)
			if err == nil && wanted > own.Max {
				limit[key] = json.Number(strconv.FormatUint(own.Max, 10))
			}
		}
	}
	return nil
}

// trimOOMScore raises the wanted OOM score to our own: lowering it needs CAP_SYS_RESOURCE.
func trimOOMScore(process object) error {
	wanted, err := strconv.Atoi(fmt.Sprint(process["oomScoreAdj"]))
	if err != nil {
		return nil // none wanted
	}
	text, err := os.ReadFile("/proc/self/oom_score_adj")
	if err != nil {
		return err
	}
	own, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return err
	}
	if wanted < own {
		process["oomScoreAdj"] = own
	}
	return nil
}

// capabilitySet is a bit mask in the kernel's order.
type capabilitySet uint64

func (set capabilitySet) has(name any) bool {
	number := slices.Index(capabilities, fmt.Sprint(name))
	return number >= 0 && set>>number&1 == 1
}

func boundingSet() (capabilitySet, error) {
	file, err := os.Open("/proc/self/status")
	if err != nil {
		return 0, err
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if mask, ok := strings.CutPrefix(lines.Text(), "CapBnd:"); ok {
			bits, err := strconv.ParseUint(strings.TrimSpace(mask), 16, 64)
			return capabilitySet(bits), err
		}
	}
	return 0, errors.New("/proc/self/status names no bounding set")
}

// Names in the order of their numbers in linux/capability.h.
var capabilities = strings.Fields(`
	CAP_CHOWN CAP_DAC_OVERRIDE CAP_DAC_READ_SEARCH CAP_FOWNER CAP_FSETID CAP_KILL CAP_SETGID CAP_SETUID CAP_SETPCAP
	CAP_LINUX_IMMUTABLE CAP_NET_BIND_SERVICE CAP_NET_BROADCAST CAP_NET_ADMIN CAP_NET_RAW CAP_IPC_LOCK CAP_IPC_OWNER
	CAP_SYS_MODULE CAP_SYS_RAWIO CAP_SYS_CHROOT CAP_SYS_PTRACE CAP_SYS_PACCT CAP_SYS_ADMIN CAP_SYS_BOOT CAP_SYS_NICE
	CAP_SYS_RESOURCE CAP_SYS_TIME CAP_SYS_TTY_CONFIG CAP_MKNOD CAP_LEASE CAP_AUDIT_WRITE CAP_AUDIT_CONTROL CAP_SETFCAP
	CAP_MAC_OVERRIDE CAP_MAC_ADMIN CAP_SYSLOG CAP_WAKE_ALARM CAP_BLOCK_SUSPEND CAP_AUDIT_READ CAP_PERFMON CAP_BPF
	CAP_CHECKPOINT_RESTORE`)

// Names in the order of their numbers in asm-generic/resource.h.
var resources = strings.Fields(`
	RLIMIT_CPU RLIMIT_FSIZE RLIMIT_DATA RLIMIT_STACK RLIMIT_CORE RLIMIT_RSS RLIMIT_NPROC RLIMIT_NOFILE RLIMIT_MEMLOCK
	RLIMIT_AS RLIMIT_LOCKS RLIMIT_SIGPENDING RLIMIT_MSGQUEUE RLIMIT_NICE RLIMIT_RTPRIO RLIMIT_RTTIME`)
