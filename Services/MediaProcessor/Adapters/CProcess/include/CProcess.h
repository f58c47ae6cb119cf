/* What Linux offers to a process that Swift cannot import: variadic functions, and those behind _GNU_SOURCE. */
#ifndef CPROCESS_H
#define CPROCESS_H

#include <signal.h>
#include <spawn.h>
#include <sys/prctl.h>

/* glibc 2.34; declared here since its header hides it. */
extern int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *actions, int from);

static inline int cprocess_close_from(posix_spawn_file_actions_t *actions, int from) {
    return posix_spawn_file_actions_addclosefrom_np(actions, from);
}

/* The calling process is killed when the thread that started it ends. */
static inline int cprocess_die_with_parent(void) {
    return prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
}

/* Neither this process nor what it starts gains rights from set-user-ID programs. */
static inline int cprocess_refuse_new_privileges(void) {
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

/*
 * The two walls around a process that reads strangers' files. Both hold for ever, and want
 * cprocess_refuse_new_privileges() first.
 */

/*
 * Takes every file that is not open yet, and TCP, from the calling thread and the threads that it starts: call it while
 * there is no other. Returns the version of Landlock in force, 0 where the kernel has none, -1 with errno if it failed.
 */
int cprocess_forbid_files(void);

/*
 * Leaves to all threads only the system calls of computing, and reading and writing what is open: no opening, no sockets,
 * no processes, no code made at run time. Anything else fails with EPERM; what only an intruder asks for (execve, ptrace
 * and the like) kills with SIGSYS. Returns 1, 0 where the kernel has no filters, -1 with errno if it failed.
 */
int cprocess_forbid_calls(void);

/* How many threads this process has; -1 where that cannot be told. */
int cprocess_thread_count(void);

#endif
