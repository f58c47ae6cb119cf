/* What of the kernel's sockets and events Swift's own module of the C library leaves out. */
#ifndef CSOCKETS_H
#define CSOCKETS_H

#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

/* glibc 2.10; declared here since its header hides it behind _GNU_SOURCE. */
extern int accept4(int descriptor, struct sockaddr *address, socklen_t *length, int flags);

static inline int csockets_control(int epoll, int operation, int descriptor, uint32_t events, uint64_t data) {
    struct epoll_event event = {.events = events, .data = {.u64 = data}};
    return epoll_ctl(epoll, operation, descriptor, &event);
}

#endif
