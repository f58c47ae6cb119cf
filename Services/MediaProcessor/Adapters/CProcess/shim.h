/* What Linux offers to a process that Swift cannot import: variadic functions, and those behind _GNU_SOURCE. */
#ifndef CPROCESS_SHIM_H
#define CPROCESS_SHIM_H

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

#endif
