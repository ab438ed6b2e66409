import { Cache } from "./cache.ts";
import { takeLock, type Lock } from "./lock.ts";
import {
    describeProcess,
    hasOpen,
    ownLine,
    programOf,
    runningProcesses,
    type RunningProcess,
} from "./processes.ts";

/** Every command that uses the cache holds a shared lock on this file to its end, `npm run clean` an exclusive one. */
const lockPath = (cache: Cache) => cache.path("locks", "in-use");

/** Keeps the cache from being removed until this process ends. */
export async function useCache(signal: AbortSignal): Promise<Lock> {
    const cache = new Cache();
    const lock = await takeLock(lockPath(cache), { shared: true, wait: 0 }, signal);
    if (!lock) {
        throw new Error(
            `The cache ${cache.root} is being removed by ${list(users(cache))}. Run this again when that has ended.`,
        );
    }
    return lock;
}

/** Keeps other commands from using the cache until this process ends; throws, and names them, if some do. */
export async function takeCache(cache: Cache): Promise<Lock> {
    const lock = await takeLock(lockPath(cache), { wait: 0 });
    if (!lock) {
        throw inUse(cache);
    }
    return lock;
}

/** Throws if programs from the cache run, as they do in a `pulumi up` that a user typed. */
export function refuseUsed(cache: Cache): void {
    if (users(cache).length > 0) {
        throw inUse(cache);
    }
}

function inUse(cache: Cache): Error {
    return new Error(
        `The cache ${cache.root} is in use by ${list(users(cache))}. Nothing was changed. Run this again when that ` +
            "has ended.",
    );
}

/** Processes that hold the lock, or run a program from the cache. Not this one, nor those that started it. */
function users(cache: Cache): RunningProcess[] {
    const file = lockPath(cache);
    const own = ownLine();
    return runningProcesses()
        .filter(({ pid }) => !own.includes(pid))
        .filter((one) => programOf(one)?.startsWith(`${cache.root}/`) || hasOpen(one, file));
}

function list(processes: RunningProcess[]): string {
    return processes.map(describeProcess).join(", ") || "another process";
}
