#define _GNU_SOURCE
#include "CProcess.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#endif

#ifndef ARCHITECTURE
/* No filter for this processor: the caller is told, and says so. */
int cprocess_forbid_calls(void) { return 0; }
#else

#define REFUSE (SECCOMP_RET_ERRNO | EPERM)

/* Computing, and reading and writing what is open. */
static const int allowed[] = {
    /* What is open. */
    __NR_read, __NR_write, __NR_readv, __NR_writev, __NR_pread64, __NR_lseek, __NR_close, __NR_fstat, __NR_dup,
    __NR_ppoll,
#ifdef __NR_poll
    __NR_poll,
#endif
    /* Memory. */
    __NR_munmap, __NR_mremap, __NR_madvise, __NR_brk, __NR_mincore,
    /* Threads. */
    __NR_futex, __NR_set_robust_list, __NR_set_tid_address, __NR_gettid, __NR_exit, __NR_exit_group, __NR_membarrier,
#ifdef __NR_rseq
    __NR_rseq,
#endif
#ifdef __NR_arch_prctl
    __NR_arch_prctl,
#endif
    __NR_sched_yield, __NR_sched_getaffinity, __NR_sched_getparam, __NR_sched_getscheduler,
    __NR_sched_get_priority_max, __NR_sched_get_priority_min, __NR_getcpu, __NR_getpriority, __NR_get_mempolicy,
    /* Signals, its own. */
    __NR_rt_sigaction, __NR_rt_sigprocmask, __NR_rt_sigreturn, __NR_rt_sigpending, __NR_rt_sigtimedwait,
    __NR_sigaltstack, __NR_restart_syscall,
    /* Time and chance. */
    __NR_clock_gettime, __NR_clock_getres, __NR_clock_nanosleep, __NR_nanosleep, __NR_gettimeofday, __NR_getrandom,
#ifdef __NR_time
    __NR_time,
#endif
    /* What it is. */
    __NR_getpid, __NR_getppid, __NR_getuid, __NR_geteuid, __NR_getgid, __NR_getegid, __NR_getrusage, __NR_uname,
    __NR_sysinfo, __NR_times,
#ifdef __NR_getrlimit
    __NR_getrlimit,
#endif
};

/* Nothing in a media library ever asks for these: whoever does has taken it over. */
static const int deadly[] = {
    __NR_execve, __NR_execveat, __NR_ptrace, __NR_process_vm_readv, __NR_process_vm_writev, __NR_bpf, __NR_mount,
    __NR_unshare, __NR_setns, __NR_init_module, __NR_kexec_load,
#ifdef __NR_io_uring_setup
    __NR_io_uring_setup,
#endif
#ifdef __NR_userfaultfd
    __NR_userfaultfd,
#endif
};

/* prctl's: names of threads and of memory. */
static const uint32_t named[] = {PR_SET_NAME, PR_GET_NAME, 0x53564d41 /* PR_SET_VMA */};
/* fcntl's: flags, and second numbers for what is open. */
static const uint32_t flags[] = {F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_DUPFD_CLOEXEC};

struct program {
    struct sock_filter code[512];
    unsigned short length;
};

static void emit(struct program *to, struct sock_filter instruction) { to->code[to->length++] = instruction; }

static void load(struct program *to, size_t offset) {
    emit(to, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset));
}

/* The low half of an argument: what the flags and numbers that are looked at here fit into. Little-endian, as both processors are. */
static void load_argument(struct program *to, int index) {
    load(to, offsetof(struct seccomp_data, args) + 8 * (size_t)index);
}

static void answer(struct program *to, uint32_t action) { emit(to, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, action)); }

/* `action` if the loaded word is `value`; else on. */
static void answer_if(struct program *to, uint32_t value, uint32_t action) {
    emit(to, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1));
    answer(to, action);
}

static void answer_masked(struct program *to, uint32_t mask, uint32_t value) {
    emit(to, (struct sock_filter)BPF_STMT(BPF_ALU | BPF_AND | BPF_K, mask));
    answer_if(to, value, SECCOMP_RET_ALLOW);
    answer(to, REFUSE);
}

/* Opens a part for one call, which has to end in an answer; its length is filled in by `end`. */
static unsigned short begin(struct program *to, int call) {
    emit(to, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)call, 0, 0));
    return (unsigned short)(to->length - 1);
}

static void end(struct program *to, unsigned short start) { to->code[start].jf = (uint8_t)(to->length - start - 1); }

static void allow_masked(struct program *to, int call, int argument, uint32_t mask, uint32_t value) {
    unsigned short start = begin(to, call);
    load_argument(to, argument);
    answer_masked(to, mask, value);
    end(to, start);
}

static void allow_among(struct program *to, int call, int argument, const uint32_t *values, size_t count) {
    unsigned short start = begin(to, call);
    load_argument(to, argument);
    for (size_t index = 0; index < count; index++) answer_if(to, values[index], SECCOMP_RET_ALLOW);
    answer(to, REFUSE);
    end(to, start);
}

/* setpriority for the calling thread, not for its group or its user. */
static void allow_own_priority(struct program *to) {
    unsigned short start = begin(to, __NR_setpriority);
    load_argument(to, 0);
    emit(to, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PRIO_PROCESS, 1, 0));
    answer(to, REFUSE);
    load_argument(to, 1);
    answer_masked(to, ~0u, 0);
    end(to, start);
}

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void write_program(struct program *to) {
    load(to, offsetof(struct seccomp_data, arch));
    emit(to, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0));
    answer(to, SECCOMP_RET_KILL_PROCESS);
    load(to, offsetof(struct seccomp_data, nr));
#if defined(__x86_64__)
    /* The x32 ABI has other numbers under the same architecture. */
    emit(to, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1));
    answer(to, SECCOMP_RET_KILL_PROCESS);
#endif
    for (size_t index = 0; index < COUNT(allowed); index++) answer_if(to, (uint32_t)allowed[index], SECCOMP_RET_ALLOW);
    for (size_t index = 0; index < COUNT(deadly); index++) answer_if(to, (uint32_t)deadly[index], SECCOMP_RET_KILL_PROCESS);

    /* A thread, never a process nor a namespace. */
    const uint32_t spaces = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET;
    allow_masked(to, __NR_clone, 0, CLONE_THREAD | CLONE_VM | spaces, CLONE_THREAD | CLONE_VM);
#ifdef __NR_clone3
    /* Its flags lie in memory, where no filter looks: the C library then takes clone. */
    answer_if(to, __NR_clone3, SECCOMP_RET_ERRNO | ENOSYS);
#endif
    /* Memory that can be written is never run. */
    allow_masked(to, __NR_mmap, 2, PROT_EXEC, 0);
    allow_masked(to, __NR_mprotect, 2, PROT_EXEC, 0);
    /* The C library's fstat; a path it would follow is refused. */
    allow_masked(to, __NR_newfstatat, 3, AT_EMPTY_PATH, AT_EMPTY_PATH);
    /* Its own limits, which can only sink, and its own threads' share of the processor, which can only sink, too. */
    allow_masked(to, __NR_prlimit64, 0, ~0u, 0);
    allow_own_priority(to);
    /* abort() ends this process, and nobody else can be signalled. */
    allow_masked(to, __NR_tgkill, 0, ~0u, (uint32_t)getpid());
    allow_among(to, __NR_prctl, 0, named, COUNT(named));
    allow_among(to, __NR_fcntl, 1, flags, COUNT(flags));
    answer(to, REFUSE);
}

int cprocess_forbid_calls(void) {
    struct program program = {.length = 0};
    write_program(&program);
    struct sock_fprog filter = {.len = program.length, .filter = program.code};
    long result = syscall(__NR_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &filter);
    if (result == 0) return 1;
    /* A positive result names a thread that already has another filter. */
    if (result > 0) errno = EBUSY;
    return errno == ENOSYS || errno == EINVAL ? 0 : -1;
}

#endif
