#define _GNU_SOURCE
#include "CProcess.h"

#include <errno.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The kernel's own headers may be older than the kernel: what we need of them is spelled here (Linux 5.13 to 6.12). */
#ifndef __NR_landlock_create_ruleset
#define __NR_landlock_create_ruleset 444
#define __NR_landlock_restrict_self 446
#endif

#define CREATE_RULESET_VERSION 1u

struct ruleset {
    uint64_t handled_files;
    uint64_t handled_network;
    uint64_t scoped;
};

/* What each version of Landlock can forbid; what is handled and allowed by no rule is forbidden, and we have no rules. */
static struct ruleset everything(int version) {
    struct ruleset all = {.handled_files = (1ull << 13) - 1};
    if (version >= 2) all.handled_files |= 1ull << 13; /* Moving files between folders. */
    if (version >= 3) all.handled_files |= 1ull << 14; /* Truncating. */
    if (version >= 5) all.handled_files |= 1ull << 15; /* ioctl on devices. */
    if (version >= 4) all.handled_network = 3;         /* Binding and connecting TCP. */
    if (version >= 6) all.scoped = 3;                  /* Abstract sockets and signals of others. */
    return all;
}

/* An older kernel refuses a structure that is longer than the one it knows, unless the rest is zero: be exact. */
static size_t size_for(int version) {
    if (version >= 6) return 3 * sizeof(uint64_t);
    return version >= 4 ? 2 * sizeof(uint64_t) : sizeof(uint64_t);
}

int cprocess_forbid_files(void) {
    long version = syscall(__NR_landlock_create_ruleset, NULL, 0, CREATE_RULESET_VERSION);
    if (version < 0) return errno == ENOSYS || errno == EOPNOTSUPP ? 0 : -1;
    struct ruleset all = everything((int)version);
    long rules = syscall(__NR_landlock_create_ruleset, &all, size_for((int)version), 0);
    if (rules < 0) return -1;
    long result = syscall(__NR_landlock_restrict_self, (int)rules, 0);
    int cause = errno;
    close((int)rules);
    errno = cause;
    return result == 0 ? (int)version : -1;
}

int cprocess_thread_count(void) {
    /* A folder has a link for itself, one in its parent, and one for each folder in it: a thread. */
    struct stat tasks;
    return stat("/proc/self/task", &tasks) == 0 ? (int)tasks.st_nlink - 2 : -1;
}
