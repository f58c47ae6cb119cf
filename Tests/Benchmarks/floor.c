/* floor - the least that a WebSocket broadcast costs on a machine: what a publisher says is written to every subscriber
 * with one send(2) each, and nothing else is done.
 *
 *   floor PORT
 *
 * GET /publish makes a publisher, anything else a subscriber. One thread, one epoll set. It trusts its peer, keeps
 * nothing for slow readers and checks nothing: a yardstick for fanout.py, not a server.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MOST = 65536, ROOM = 1 << 16 };
enum role { NOBODY, NEWCOMER, SUBSCRIBER, PUBLISHER };

static enum role roles[MOST];
static int subscribers[MOST], subscriber_count, epoll;
static uint8_t input[ROOM + 1];
/* Of the publisher, whose frames may come in parts. */
static uint8_t pending[ROOM];
static size_t pending_length;

/* ------------------------------------------------------------------ the handshake (RFC 6455 section 4.2.2, RFC 3174) */

static uint32_t rotated(uint32_t word, int bits) { return word << bits | word >> (32 - bits); }

static void sha1(const char *text, size_t length, uint8_t digest[20]) {
    uint32_t state[5] = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0};
    uint8_t message[128] = {0};
    size_t total = length + 9 > 64 ? 128 : 64;
    memcpy(message, text, length);
    message[length] = 0x80;
    message[total - 2] = (uint8_t)(length * 8 >> 8);
    message[total - 1] = (uint8_t)(length * 8);
    for (size_t block = 0; block < total; block += 64) {
        uint32_t words[80], v[5];
        for (int i = 0; i < 16; i++) {
            uint32_t word;
            memcpy(&word, message + block + 4 * i, 4);
            words[i] = ntohl(word);
        }
        for (int i = 16; i < 80; i++) words[i] = rotated(words[i - 3] ^ words[i - 8] ^ words[i - 14] ^ words[i - 16], 1);
        memcpy(v, state, sizeof v);
        for (int i = 0; i < 80; i++) {
            uint32_t mixed = i < 20 ? ((v[1] & v[2]) | (~v[1] & v[3])) + 0x5A827999
                : i < 40 ? (v[1] ^ v[2] ^ v[3]) + 0x6ED9EBA1
                : i < 60 ? ((v[1] & v[2]) | (v[1] & v[3]) | (v[2] & v[3])) + 0x8F1BBCDC
                : (v[1] ^ v[2] ^ v[3]) + 0xCA62C1D6;
            uint32_t next = rotated(v[0], 5) + mixed + v[4] + words[i];
            v[4] = v[3]; v[3] = v[2]; v[2] = rotated(v[1], 30); v[1] = v[0]; v[0] = next;
        }
        for (int i = 0; i < 5; i++) state[i] += v[i];
    }
    for (int i = 0; i < 5; i++) {
        uint32_t word = htonl(state[i]);
        memcpy(digest + 4 * i, &word, 4);
    }
}

static void base64(const uint8_t digest[20], char text[29]) {
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    uint8_t bytes[21] = {0};
    memcpy(bytes, digest, 20);
    for (int i = 0; i < 7; i++) {
        uint32_t group = (uint32_t)bytes[3 * i] << 16 | (uint32_t)bytes[3 * i + 1] << 8 | bytes[3 * i + 2];
        for (int k = 0; k < 4; k++) text[4 * i + k] = alphabet[group >> (18 - 6 * k) & 63];
    }
    text[27] = '=';
    text[28] = 0;
}

static void leave(int fd) {
    for (int i = 0; i < subscriber_count && roles[fd] == SUBSCRIBER; i++)
        if (subscribers[i] == fd) subscribers[i] = subscribers[--subscriber_count];
    roles[fd] = NOBODY;
    close(fd);
}

static void welcome(int fd, size_t length) {
    static const char magic[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    input[length] = 0;
    char *key = strcasestr((char *)input, "sec-websocket-key: ");
    if (!key) return leave(fd);
    char joined[128], accept[29], answer[256];
    uint8_t digest[20];
    int joined_length = snprintf(joined, sizeof joined, "%.24s%s", key + 19, magic);
    sha1(joined, (size_t)joined_length, digest);
    base64(digest, accept);
    int answer_length = snprintf(answer, sizeof answer,
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n", accept);
    if (send(fd, answer, (size_t)answer_length, MSG_NOSIGNAL) != answer_length) return leave(fd);
    roles[fd] = strncmp((char *)input, "GET /publish ", 13) ? SUBSCRIBER : PUBLISHER;
    if (roles[fd] == SUBSCRIBER) subscribers[subscriber_count++] = fd;
}

/* ------------------------------------------------------------------ the broadcast */

static void broadcast(const uint8_t *payload, size_t length, const uint8_t *mask) {
    static uint8_t frame[ROOM];
    size_t head = length < 126 ? 2 : 4;
    frame[0] = 0x81;
    if (head == 2) frame[1] = (uint8_t)length;
    else { frame[1] = 126; frame[2] = (uint8_t)(length >> 8); frame[3] = (uint8_t)length; }
    for (size_t i = 0; i < length; i++) frame[head + i] = payload[i] ^ mask[i & 3];
    for (int i = 0; i < subscriber_count; i++)
        if (send(subscribers[i], frame, head + length, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 && errno == EAGAIN)
            fputs("floor: a subscriber is too slow\n", stderr);
}

static void relay(int fd, size_t length) {
    if (pending_length + length > sizeof pending) return leave(fd);
    memcpy(pending + pending_length, input, length);
    pending_length += length;
    size_t taken = 0;
    while (pending_length - taken >= 8) {
        uint8_t *frame = pending + taken;
        size_t size = frame[1] & 127, head = 2;
        if (size == 126) { size = (size_t)frame[2] << 8 | frame[3]; head = 4; }
        if (pending_length - taken < head + 4 + size) break;
        if ((frame[0] & 15) == 1) broadcast(frame + head + 4, size, frame + head);
        taken += head + 4 + size;
    }
    pending_length -= taken;
    memmove(pending, pending + taken, pending_length);
}

static void receive(int fd) {
    ssize_t length = recv(fd, input, ROOM, 0);
    if (length < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (length <= 0) return leave(fd);
    if (roles[fd] == NEWCOMER) welcome(fd, (size_t)length);
    else if (roles[fd] == PUBLISHER) relay(fd, (size_t)length);
}

static void greet(int listener) {
    int one = 1;
    for (int fd; (fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0;) {
        if (fd >= MOST) { close(fd); continue; }
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        roles[fd] = NEWCOMER;
        struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
        epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
    }
}

int main(int count, char **words) {
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), one = 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    address.sin_port = htons((uint16_t)(count > 1 ? atoi(words[1]) : 0));
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (!address.sin_port || bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 4096)) {
        fprintf(stderr, "floor: port %s: %s\n", count > 1 ? words[1] : "", errno ? strerror(errno) : "give one");
        return 1;
    }
    epoll = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = listener}, events[512];
    epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);
    for (;;) {
        int ready = epoll_wait(epoll, events, 512, -1);
        for (int i = 0; i < ready; i++) {
            if (events[i].data.fd == listener) greet(listener);
            else receive(events[i].data.fd);
        }
    }
}
