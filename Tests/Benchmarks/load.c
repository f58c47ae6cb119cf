/* load - WebSocket load for the gateway's benchmarks: N subscribers, one thread, one epoll set.
 *
 *   load --port P --pid PID --measure fanout|idle|storm|presence|accept [--raw] [--path PATH] [--tokens FILE]
 *        [--socketio] [--subscribers N] [--topics T] [--messages M] [--window W] [--payload BYTES] [--stalled K]
 *
 * It connects N subscribers, joins them to the topics chat:room:bench-0 ... T-1 in turn (Phoenix serializer 2.0.0; with
 * --raw, which is for floor.c, the path says what a connection is and nothing is joined; with --socketio they are clients of
 * Socket.IO that join the streams bench-0 ... T-1, and fanout, idle and storm can be measured), and then measures
 *   fanout    one more client publishes M messages to the first topic with W in flight: the next is sent when all but W-1
 *             of those sent have reached every subscriber. A tenth as many go before, unmeasured. K of the subscribers
 *             stop reading after their join, and are not waited for.
 *   idle      the server's memory once it rests
 *   storm     all are cut off at once, and connect and join again
 *   presence  what is sent when all join presence:room:bench at once, until nothing has come for a second
 *   accept    every client publishes to a room of its own, W unanswered at most, until M are answered
 * Client i shows token i of FILE, which has one a line and begins anew at its end.
 * It prints one JSON object. The server's CPU time is the clock of process PID (clock_getcpuclockid(3)), which counts
 * user and system time of all threads in nanoseconds. Every delivery's number is checked: a loss or a change of order
 * is an error, and errors make the exit code 1.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { CONNECTS_AT_ONCE = 200, READ_SIZE = 1 << 20, MAXIMUM_PAYLOAD = 4000, DEADLINE_SECONDS = 180 };

/* Of a connection: it is connecting, waits for 101, for Engine.IO's greeting, to be authenticated, for the join's reply, or is
 * ready. */
enum phase { CONNECTING, UPGRADING, OPENING, AUTHENTICATING, JOINING, READY };

struct connection {
    int fd;
    enum phase phase;
    bool publishes;
    bool is_stalled;
    int unanswered;
    uint32_t next_number;  /* the message that it must see next */
    uint8_t *rest;         /* the beginning of a frame whose end has not come */
    size_t rest_length;
};

static struct {
    int port, pid, subscribers, topics, messages, window, payload, stalled;
    bool raw, socketio;
    const char *path, *measure, *tokens;
} options = {.subscribers = 1000, .topics = 1, .window = 1, .payload = 64, .path = "/socket/websocket", .measure = "fanout"};

static struct connection *connections;
static int epoll, connected, ready;
static uint64_t deliveries, errors, answers, frames, frame_bytes;
static char **tokens;
static int token_count;
static uint8_t buffer[READ_SIZE];
static char prefix[160];
static size_t prefix_length;

static void fail(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));
static void fail(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fputs("load: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    exit(2);
}

/* ------------------------------------------------------------------ clocks and memory */

static double seconds_of(clockid_t clock) {
    struct timespec time;
    if (clock_gettime(clock, &time)) fail("the clock of process %d cannot be read: %s", options.pid, strerror(errno));
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static double server_cpu(void) {
    clockid_t clock;
    int code = clock_getcpuclockid(options.pid, &clock);
    if (code) fail("process %d has no CPU clock: %s", options.pid, strerror(code));
    return seconds_of(clock);
}

/* A figure of the server's memory in KiB: VmRSS or VmHWM of proc(5). */
static long server_memory(const char *figure) {
    char name[64], line[256];
    size_t length = strlen(figure);
    snprintf(name, sizeof name, "/proc/%d/status", options.pid);
    FILE *file = fopen(name, "r");
    if (!file) fail("%s: %s", name, strerror(errno));
    long kib = -1;
    while (fgets(line, sizeof line, file)) if (!strncmp(line, figure, length)) sscanf(line + length, ": %ld", &kib);
    fclose(file);
    return kib;
}

/* Has VmHWM begin anew at what is resident now. */
static void reset_peak(void) {
    char name[64];
    snprintf(name, sizeof name, "/proc/%d/clear_refs", options.pid);
    FILE *file = fopen(name, "w");
    if (!file || fputs("5", file) < 0 || fclose(file)) fail("%s: %s", name, strerror(errno));
}

/* ------------------------------------------------------------------ sending */

static void send_all(struct connection *c, const void *data, size_t length) {
    const uint8_t *bytes = data;
    while (length) {
        ssize_t sent = send(c->fd, bytes, length, MSG_NOSIGNAL);
        if (sent < 0 && (errno == EAGAIN || errno == EINTR)) continue;
        if (sent < 0) fail("send: %s", strerror(errno));
        bytes += sent;
        length -= (size_t)sent;
    }
}

/* One masked text frame; the mask is zero, which RFC 6455 allows and which costs nothing. */
static void send_text(struct connection *c, const char *text, size_t length) {
    uint8_t frame[MAXIMUM_PAYLOAD + 512] = {0x81};
    size_t head = length < 126 ? 2 : 4;
    if (length + 8 > sizeof frame) fail("a frame of %zu bytes is too long", length);
    if (head == 2) frame[1] = (uint8_t)(0x80 | length);
    else { frame[1] = 0x80 | 126; frame[2] = (uint8_t)(length >> 8); frame[3] = (uint8_t)length; }
    memcpy(frame + head + 4, text, length);
    send_all(c, frame, head + 4 + length);
}

static bool is_measure(const char *name) { return !strcmp(options.measure, name); }

static const char *token_of(struct connection *c) { return tokens[(c - connections) % token_count]; }

static void send_upgrade(struct connection *c) {
    char request[4096];
    const char *path = !options.raw ? options.path : c->publishes ? "/publish" : "/subscribe";
    int length = snprintf(request, sizeof request,
        "GET %s%s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: bWFydGxldC1iZW5jaCEhIQ==\r\nSec-WebSocket-Version: 13\r\n\r\n", path,
        token_count && !options.socketio ? token_of(c) : "", options.port);
    if (length >= (int)sizeof request) fail("the path is too long");
    send_all(c, request, (size_t)length);
    c->phase = UPGRADING;
}

/* Says who it is, as soon as Engine.IO has greeted. */
static void authenticate(struct connection *c) {
    char text[2200];
    int length = snprintf(text, sizeof text, "40{\"token\":\"%s\",\"app_id\":\"bench\"}", token_of(c));
    if (length >= (int)sizeof text) fail("the token is too long");
    send_text(c, text, (size_t)length);
    c->phase = AUTHENTICATING;
}

static void send_join(struct connection *c) {
    char text[200];
    int topic = c->publishes ? 0 : (int)(c - connections) % options.topics;
    int length = options.socketio
        ? snprintf(text, sizeof text, "42[\"chat:join\",{\"stream_id\":\"bench-%d\"}]", topic)
        : is_measure("presence")
        ? snprintf(text, sizeof text, "[\"1\",\"1\",\"presence:room:bench\",\"phx_join\",{}]")
        : snprintf(text, sizeof text, "[\"1\",\"1\",\"chat:room:bench-%d\",\"phx_join\",{}]", topic);
    send_text(c, text, (size_t)length);
    c->phase = JOINING;
}

/* Raw messages have the shape and about the length that the gateway's deliveries have. */
static void publish(struct connection *c, uint32_t number) {
    char content[MAXIMUM_PAYLOAD + 1], text[MAXIMUM_PAYLOAD + 400];
    snprintf(content, sizeof content, "%08u", number);
    memset(content + 8, 'x', (size_t)options.payload - 8);
    content[options.payload] = 0;
    int topic = is_measure("accept") ? (int)(c - connections) % options.topics : 0;
    int length = options.socketio
        ? snprintf(text, sizeof text, "42[\"chat:message\",{\"stream_id\":\"bench-%d\",\"message\":\"%s\"}]", topic, content)
        : options.raw
        ? snprintf(text, sizeof text, "%s{\"content\":\"%s\",\"id\":\"msg-0192f3a1-7c4e-7a63-9a53-0f1e2d3c4b5a\","
            "\"timestamp\":\"2024-01-01T00:00:00.000Z\",\"user_id\":\"bench\"}]", prefix, content)
        : snprintf(text, sizeof text, "[\"1\",\"%u\",\"chat:room:bench-%d\",\"new_message\",{\"content\":\"%s\"}]",
            number + 2, topic, content);
    send_text(c, text, (size_t)length);
}

/* ------------------------------------------------------------------ receiving */

static void begin(struct connection *c) {
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)options.port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int one = 1;
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (c->fd < 0) fail("socket: %s", strerror(errno));
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (connect(c->fd, (struct sockaddr *)&address, sizeof address) && errno != EINPROGRESS) fail("connect: %s", strerror(errno));
    struct epoll_event event = {.events = EPOLLOUT, .data.ptr = c};
    epoll_ctl(epoll, EPOLL_CTL_ADD, c->fd, &event);
}

static void become_ready(struct connection *c) {
    c->phase = READY;
    ready++;
    if (c->is_stalled) epoll_ctl(epoll, EPOLL_CTL_DEL, c->fd, NULL);
}

static bool begins(const uint8_t *text, size_t length, const char *words) {
    size_t count = strlen(words);
    return length >= count && !memcmp(text, words, count);
}

/* What comes before a client of Socket.IO is ready; returns whether that is all there is to it. */
static bool receive_packet(struct connection *c, const uint8_t *text, size_t length) {
    if (begins(text, length, "2")) send_text(c, "3", 1);
    if (begins(text, length, "44") || begins(text, length, "42[\"error\"")) fail("refused: %.*s", (int)length, text);
    if (c->phase == OPENING && begins(text, length, "0")) authenticate(c);
    else if (c->phase == AUTHENTICATING && begins(text, length, "42[\"authenticated\"")) send_join(c);
    else if (c->phase == JOINING && begins(text, length, "42[\"chat:joined\"")) become_ready(c);
    else return c->phase < READY;
    return true;
}

static void receive_text(struct connection *c, const uint8_t *text, size_t length) {
    const char *key = options.socketio ? "\"message\":\"" : "\"content\":\"";
    size_t key_length = strlen(key);
    if (options.socketio && receive_packet(c, text, length)) return;
    if (c->phase == JOINING) {
        if (!memmem(text, length, "\"phx_reply\"", 11)) return;
        if (!memmem(text, length, "\"status\":\"ok\"", 13)) fail("the join was refused: %.*s", (int)length, text);
        become_ready(c);
        return;
    }
    if (is_measure("accept")) {
        if (!memmem(text, length < 64 ? length : 64, "\"phx_reply\"", 11)) return;
        if (!memmem(text, length, "\"status\":\"ok\"", 13)) fail("a message was refused: %.*s", (int)length, text);
        c->unanswered--;
        answers++;
        return;
    }
    if (c->publishes || length < prefix_length || memcmp(text, prefix, prefix_length)) return;
    const uint8_t *content = memmem(text + prefix_length, length - prefix_length, key, key_length);
    uint32_t number = 0;
    if (content && content + key_length + 8 <= text + length)
        for (int i = 0; i < 8; i++) number = number * 10 + (content[key_length + i] - '0');
    if (number != c->next_number) errors++;
    c->next_number = number + 1;
    deliveries++;
}

/* Takes whole frames off the front; returns how many bytes they were. */
static size_t receive_frames(struct connection *c, uint8_t *bytes, size_t length) {
    size_t taken = 0;
    while (length - taken >= 2) {
        uint8_t *frame = bytes + taken;
        uint64_t size = frame[1] & 127;
        size_t head = size == 126 ? 4 : size == 127 ? 10 : 2;
        if (length - taken < head) break;
        if (head == 4) size = (uint64_t)frame[2] << 8 | frame[3];
        if (head == 10) for (int i = size = 0; i < 8; i++) size = size << 8 | frame[2 + i];
        if (size > READ_SIZE / 2) fail("a frame of %llu bytes came", (unsigned long long)size);
        if (length - taken < head + size) break;
        if ((frame[0] & 15) == 8) fail("the server closed a connection, code %d", size >= 2 ? frame[head] << 8 | frame[head + 1] : 0);
        frames++;
        frame_bytes += head + size;
        if ((frame[0] & 15) == 1) receive_text(c, frame + head, size);
        taken += head + size;
    }
    return taken;
}

static size_t receive_response(struct connection *c, uint8_t *bytes, size_t length) {
    uint8_t *end = memmem(bytes, length, "\r\n\r\n", 4);
    if (!end) return 0;
    if (memcmp(bytes, "HTTP/1.1 101", 12)) fail("no upgrade: %.*s", (int)(end - bytes), bytes);
    connected++;
    if (options.raw) become_ready(c);
    else if (options.socketio) c->phase = OPENING;
    else send_join(c);
    return (size_t)(end + 4 - bytes);
}

static void receive(struct connection *c) {
    if (c->rest_length) memcpy(buffer, c->rest, c->rest_length);
    ssize_t got = recv(c->fd, buffer + c->rest_length, READ_SIZE - c->rest_length, 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got <= 0) fail("a connection ended: %s", got ? strerror(errno) : "closed by the server");
    size_t length = c->rest_length + (size_t)got, taken = 0;
    if (c->phase == UPGRADING) taken = receive_response(c, buffer, length);
    if (c->phase > UPGRADING) taken += receive_frames(c, buffer + taken, length - taken);
    c->rest_length = length - taken;
    free(c->rest);
    c->rest = NULL;
    if (c->rest_length) {
        if (!(c->rest = malloc(c->rest_length))) fail("out of memory");
        memcpy(c->rest, buffer + taken, c->rest_length);
    }
}

static void turn(void) {
    static struct epoll_event events[1024];
    int count = epoll_wait(epoll, events, 1024, DEADLINE_SECONDS * 1000);
    if (count == 0) fail("nothing came for %d s: %llu deliveries so far", DEADLINE_SECONDS, (unsigned long long)deliveries);
    for (int i = 0; i < count; i++) {
        struct connection *c = events[i].data.ptr;
        if (c->phase != CONNECTING) { receive(c); continue; }
        int code = 0;
        socklen_t size = sizeof code;
        getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &code, &size);
        if (code) fail("connect: %s", strerror(code));
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
        epoll_ctl(epoll, EPOLL_CTL_MOD, c->fd, &event);
        send_upgrade(c);
    }
}

/* ------------------------------------------------------------------ the measurements */

static void connect_all(int count) {
    for (int begun = 0; ready < count;) {
        while (begun < count && begun - ready < CONNECTS_AT_ONCE) begin(&connections[begun++]);
        turn();
    }
}

/* Publishes until `last` messages are with every subscriber, with as many in flight as the window says. */
static uint32_t publish_until(struct connection *publisher, uint32_t sent, uint32_t last) {
    uint64_t all = (uint64_t)(options.subscribers - options.stalled);
    while (deliveries < last * all) {
        while (sent < last && sent * all < deliveries + (uint64_t)options.window * all) publish(publisher, sent++);
        turn();
    }
    return sent;
}

static void measure_fanout(void) {
    struct connection *publisher = &connections[options.subscribers];
    uint32_t before = (uint32_t)options.messages / 10 + 1;
    reset_peak();
    long rss = server_memory("VmRSS");
    publish_until(publisher, 0, before);
    double cpu = server_cpu(), wall = seconds_of(CLOCK_MONOTONIC), own = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
    uint64_t counted = deliveries;
    publish_until(publisher, before, before + (uint32_t)options.messages);
    cpu = server_cpu() - cpu;
    wall = seconds_of(CLOCK_MONOTONIC) - wall;
    own = seconds_of(CLOCK_PROCESS_CPUTIME_ID) - own;
    counted = deliveries - counted;
    printf("{\"subscribers\":%d,\"window\":%d,\"messages\":%d,\"deliveries\":%llu,\"errors\":%llu,\"seconds\":%.3f,"
        "\"server_cpu_s\":%.3f,\"us_per_delivery\":%.3f,\"load_us_per_delivery\":%.3f,\"peak_growth_kib\":%ld}\n",
        options.subscribers, options.window, options.messages, (unsigned long long)counted, (unsigned long long)errors,
        wall, cpu, cpu * 1e6 / (double)counted, own * 1e6 / (double)counted, server_memory("VmHWM") - rss);
}

/* Waits until the server used less than 1 % of a CPU for a second, at most 20 s; returns its memory then. */
static long rss_at_rest(void) {
    for (int i = 0; i < 20; i++) {
        double cpu = server_cpu();
        sleep(1);
        if (server_cpu() - cpu < 0.01) break;
    }
    return server_memory("VmRSS");
}

static void measure_idle(long rss_before, double cpu_before) {
    double cpu = server_cpu() - cpu_before;
    long rss = rss_at_rest();
    printf("{\"connections\":%d,\"rss_before_kib\":%ld,\"rss_after_kib\":%ld,\"bytes_per_connection\":%.0f,"
        "\"us_per_connect_and_join\":%.1f}\n",
        options.subscribers, rss_before, rss, (double)(rss - rss_before) * 1024 / options.subscribers,
        cpu * 1e6 / options.subscribers);
}

/* Cuts all off at once, as a node that dies would, and has them back. */
static void measure_storm(void) {
    struct linger abort = {.l_onoff = 1};
    double cpu = server_cpu(), wall = seconds_of(CLOCK_MONOTONIC);
    for (int i = 0; i < options.subscribers; i++) {
        setsockopt(connections[i].fd, SOL_SOCKET, SO_LINGER, &abort, sizeof abort);
        close(connections[i].fd);
        free(connections[i].rest);
        connections[i] = (struct connection){0};
    }
    connected = ready = 0;
    connect_all(options.subscribers);
    cpu = server_cpu() - cpu;
    printf("{\"connections\":%d,\"seconds\":%.3f,\"server_cpu_s\":%.3f,\"us_per_return\":%.1f}\n", options.subscribers,
        seconds_of(CLOCK_MONOTONIC) - wall, cpu, cpu * 1e6 / options.subscribers);
}

static void measure_presence(double cpu) {
    struct epoll_event event;
    while (epoll_wait(epoll, &event, 1, 1000) > 0) turn();
    cpu = server_cpu() - cpu;
    printf("{\"connections\":%d,\"frames\":%llu,\"bytes\":%llu,\"server_cpu_s\":%.3f}\n", options.subscribers,
        (unsigned long long)frames, (unsigned long long)frame_bytes, cpu);
}

/* Everyone keeps `window` messages unanswered until `last` have been answered in all. */
static void accept_until(uint64_t last) {
    static uint64_t sent;
    while (answers < last) {
        for (int i = 0; i < options.subscribers; i++)
            while (sent < last && connections[i].unanswered < options.window) {
                publish(&connections[i], (uint32_t)sent++);
                connections[i].unanswered++;
            }
        turn();
    }
}

static void measure_accept(void) {
    uint64_t before = (uint64_t)options.messages / 10 + 1;
    accept_until(before);
    double cpu = server_cpu(), wall = seconds_of(CLOCK_MONOTONIC);
    accept_until(before + (uint64_t)options.messages);
    cpu = server_cpu() - cpu;
    wall = seconds_of(CLOCK_MONOTONIC) - wall;
    printf("{\"publishers\":%d,\"messages\":%d,\"seconds\":%.3f,\"per_second\":%.0f,\"us_per_message\":%.1f}\n",
        options.subscribers, options.messages, wall, options.messages / wall, cpu * 1e6 / options.messages);
}

static void read_tokens(void) {
    FILE *file = fopen(options.tokens, "r");
    if (!file) fail("%s: %s", options.tokens, strerror(errno));
    char line[2048];
    while (fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = 0;
        tokens = realloc(tokens, (size_t)(token_count + 1) * sizeof *tokens);
        if (!tokens || !(tokens[token_count++] = strdup(line))) fail("out of memory");
    }
    fclose(file);
}

static void read_options(int count, char **words) {
    static const struct option known[] = {
        {"port", 1, 0, 'p'}, {"pid", 1, 0, 'i'}, {"measure", 1, 0, 'm'}, {"raw", 0, 0, 'r'}, {"socketio", 0, 0, 'o'}, {"path", 1, 0, 'a'},
        {"tokens", 1, 0, 'k'}, {"subscribers", 1, 0, 's'}, {"topics", 1, 0, 't'}, {"messages", 1, 0, 'n'},
        {"window", 1, 0, 'w'}, {"payload", 1, 0, 'l'}, {"stalled", 1, 0, 'd'}, {0}};
    for (int option; (option = getopt_long(count, words, "", known, NULL)) != -1;) switch (option) {
        case 'p': options.port = atoi(optarg); break;
        case 'i': options.pid = atoi(optarg); break;
        case 'm': options.measure = optarg; break;
        case 'r': options.raw = true; break;
        case 'o': options.socketio = true; break;
        case 'k': options.tokens = optarg; break;
        case 'l': options.payload = atoi(optarg); break;
        case 'd': options.stalled = atoi(optarg); break;
        case 'a': options.path = optarg; break;
        case 's': options.subscribers = atoi(optarg); break;
        case 't': options.topics = atoi(optarg); break;
        case 'n': options.messages = atoi(optarg); break;
        case 'w': options.window = atoi(optarg); break;
        default: exit(2);
    }
    if (options.port <= 0 || options.pid <= 0 || options.subscribers <= 0 || options.topics <= 0 || options.window <= 0)
        fail("--port and --pid are needed, and every number is positive");
    if (options.payload < 8 || options.payload > MAXIMUM_PAYLOAD) fail("--payload is from 8 to %d", MAXIMUM_PAYLOAD);
    if (options.stalled < 0 || options.stalled >= options.subscribers) fail("--stalled is less than --subscribers");
}

int main(int count, char **words) {
    read_options(count, words);
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    prefix_length = (size_t)snprintf(
        prefix, sizeof prefix, options.socketio ? "42[\"chat:message\"," : "[null,null,\"chat:room:bench-0\",\"new_message\",");
    epoll = epoll_create1(EPOLL_CLOEXEC);
    if (options.tokens) read_tokens();
    if (options.socketio && !token_count) fail("--socketio needs --tokens");
    bool publishes = is_measure("fanout");
    connections = calloc((size_t)options.subscribers + 1, sizeof *connections);
    if (!connections) fail("out of memory");
    connections[options.subscribers].publishes = true;
    for (int i = 0; i < options.stalled; i++) connections[i].is_stalled = true;
    long rss = is_measure("idle") ? rss_at_rest() : 0;
    double cpu = server_cpu();
    connect_all(options.subscribers + publishes);
    if (publishes) measure_fanout();
    else if (is_measure("idle")) measure_idle(rss, cpu);
    else if (is_measure("storm")) measure_storm();
    else if (is_measure("presence")) measure_presence(cpu);
    else if (is_measure("accept")) measure_accept();
    else fail("--measure %s is none", options.measure);
    return errors != 0;
}
