"""The machine that a comparison ran on: figures mean nothing without it."""

import os
import platform
import resource
import statistics
import time


def facts(folder):
    """Name and value of each fact; the disk is the one that holds the folder."""
    return {
        "cores": f"{os.cpu_count()} x {_cpu_model()}",
        "memory": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB",
        "kernel": f"{platform.system()} {platform.release()}",
        "system": _os_release(),
        "busy": f"load average {os.getloadavg()[0]:.1f} before the run",
        "disk": f"{file_system(folder)}, {1000 * _sync_seconds(folder):.2f} ms to write and sync 4 KiB",
    }


def _cpu_model():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        for line in file:
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.machine()


def _os_release():
    return platform.freedesktop_os_release().get("PRETTY_NAME", "unknown")


def busy_seconds():
    """CPU time that anybody has used since the start of the machine, over all cores."""
    with open("/proc/stat", encoding="ascii") as file:
        user, nice, system, _, _, irq, softirq, *_ = (int(ticks) for ticks in file.readline().split()[1:])
    return (user + nice + system + irq + softirq) / os.sysconf("SC_CLK_TCK")


def own_seconds():
    """CPU time of this script and of the clients that it ran and waited for."""
    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


def file_system(folder):
    """The kind of file system that holds the folder, such as ext4."""
    folder, best, kind = os.path.realpath(folder), "", "unknown"
    with open("/proc/mounts", encoding="utf-8") as file:
        for line in file:
            _, mount, this, *_ = line.split()
            if folder.startswith(mount.rstrip("/") + "/") and len(mount) >= len(best):
                best, kind = mount, this
    return kind


def _sync_seconds(folder):
    path = os.path.join(folder, "sync-probe")
    with open(path, "wb", buffering=0) as file:
        times = []
        for _ in range(200):
            begin = time.perf_counter()
            file.write(bytes(4096))
            os.fsync(file.fileno())
            times.append(time.perf_counter() - begin)
    os.remove(path)
    return statistics.median(times)
