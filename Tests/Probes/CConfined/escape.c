#define _GNU_SOURCE
#include "CConfined.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static struct sockaddr_in canary;
static int stream = -1, listener = -1, datagram = -1, folder = -1;
static char path[4096];

void confined_prepare(int port, const char *in) {
    canary.sin_family = AF_INET;
    canary.sin_port = htons((uint16_t)port);
    canary.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    stream = socket(AF_INET, SOCK_STREAM, 0);
    listener = socket(AF_INET, SOCK_STREAM, 0);
    datagram = socket(AF_INET, SOCK_DGRAM, 0);
    folder = open(in, O_RDONLY | O_DIRECTORY);
    snprintf(path, sizeof path, "%s/loot", in);
}

/* 0, and what was got is given back; or -1. */
static int got(int descriptor) { return descriptor < 0 ? -1 : close(descriptor); }

static int read_a_file(void) { return got(open("/etc/passwd", O_RDONLY)); }
static int write_a_file(void) { return got(open(path, O_CREAT | O_WRONLY, 0600)); }
static int write_below_an_open_folder(void) { return got(openat(folder, "loot", O_CREAT | O_WRONLY, 0600)); }
static int read_its_own_memory(void) { return got(open("/proc/self/mem", O_RDWR)); }
static int list_a_folder(void) { return got(open("/", O_RDONLY | O_DIRECTORY)); }
static int make_a_folder(void) { return mkdirat(folder, "hoard", 0700); }
static int remove_a_file(void) { return unlinkat(folder, "loot", 0); }
static int make_a_link(void) { return symlinkat("/etc", folder, "link"); }
static int connect_a_socket(void) { return connect(stream, (struct sockaddr *)&canary, sizeof canary); }
static int make_a_socket(void) { return got(socket(AF_INET, SOCK_STREAM, 0)); }
static int make_a_local_socket(void) { return got(socket(AF_UNIX, SOCK_STREAM, 0)); }

static int send_a_datagram(void) {
    return sendto(datagram, "x", 1, 0, (struct sockaddr *)&canary, sizeof canary) == 1 ? 0 : -1;
}

static int bind_a_socket(void) {
    struct sockaddr_in any = {.sin_family = AF_INET};
    return bind(listener, (struct sockaddr *)&any, sizeof any);
}

static int start_a_process(void) {
    pid_t child = fork();
    if (child == 0) _exit(0);
    return child < 0 ? -1 : waitpid(child, NULL, 0) == child ? 0 : -1;
}

static int signal_its_parent(void) { return kill(getppid(), 0); }

static int run_new_code(void) {
    void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return page == MAP_FAILED ? -1 : munmap(page, 4096);
}

static int make_memory_run(void) {
    void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    int result = mprotect(page, 4096, PROT_READ | PROT_EXEC);
    int cause = errno;
    munmap(page, 4096);
    errno = cause;
    return result;
}

static int make_a_file_of_memory(void) { return got((int)syscall(SYS_memfd_create, "x", 0)); }

static int share_memory(void) {
    int segment = shmget(IPC_PRIVATE, 4096, 0600);
    return segment < 0 ? -1 : shmctl(segment, IPC_RMID, NULL);
}

static int limit_its_parent(void) {
    struct rlimit limit;
    return prlimit(getppid(), RLIMIT_NOFILE, NULL, &limit);
}

/* To what it is anyhow: without walls nothing changes. */
static int set_the_priority(int kind, pid_t of) { return setpriority(kind, (id_t)of, getpriority(kind, (id_t)of)); }

static int slow_its_parent(void) { return set_the_priority(PRIO_PROCESS, getppid()); }
static int slow_its_group(void) { return set_the_priority(PRIO_PGRP, 0); }

static const struct {
    const char *name;
    int (*run)(void);
} attempts[] = {
    {"read a file", read_a_file},
    {"write a file", write_a_file},
    {"write below an open folder", write_below_an_open_folder},
    {"read its own memory as a file", read_its_own_memory},
    {"list a folder", list_a_folder},
    {"make a folder", make_a_folder},
    {"remove a file", remove_a_file},
    {"make a link", make_a_link},
    {"connect a socket that it inherited", connect_a_socket},
    {"make a socket", make_a_socket},
    {"make a local socket", make_a_local_socket},
    {"send a datagram", send_a_datagram},
    {"start a process", start_a_process},
    {"signal its parent", signal_its_parent},
    {"map memory that is written and run", run_new_code},
    {"make memory run", make_memory_run},
    {"make a file of memory", make_a_file_of_memory},
    {"share memory", share_memory},
    {"look at its parent's limits", limit_its_parent},
    {"set its parent's priority", slow_its_parent},
    {"set its group's priority", slow_its_group},
    {"bind a socket that it inherited", bind_a_socket},
};

static const int count = sizeof attempts / sizeof attempts[0];

const char *confined_name(int index) { return index < count ? attempts[index].name : NULL; }

int confined_try(int index) {
    if (index >= count) return -1;
    return attempts[index].run() == 0 ? 0 : errno;
}

void confined_execute(void) {
    char *arguments[] = {"/bin/true", NULL};
    execve("/bin/true", arguments, NULL);
}

void confined_trace(void) { ptrace(PTRACE_TRACEME, 0, NULL, NULL); }
