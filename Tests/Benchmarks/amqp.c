// What a RabbitMQ client costs that is nothing but rabbitmq-c: the yardstick for bus-bench.
//
//   amqp publish HOST PORT QUEUE MESSAGES SIZE WINDOW     confirmed, persistent, mandatory; WINDOW unconfirmed at most
//   amqp consume HOST PORT QUEUE MESSAGES PREFETCH        each acknowledged by itself
//
// Prints {"per_second": R, "cpu_us": U}: messages a second, and microseconds of user and system time for each.

#define _GNU_SOURCE
#include <amqp.h>
#include <amqp_framing.h>
#include <amqp_tcp_socket.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

static amqp_connection_state_t connection;

static void fail(const char *what) {
    fprintf(stderr, "amqp: %s\n", what);
    exit(1);
}

static void check_status(int status, const char *what) {
    if (status == AMQP_STATUS_OK) return;
    fprintf(stderr, "amqp: %s: %s\n", what, amqp_error_string2(status));
    exit(1);
}

static void check_reply(const char *what) {
    if (amqp_get_rpc_reply(connection).reply_type != AMQP_RESPONSE_NORMAL) fail(what);
}

static void open_connection(const char *host, int port) {
    connection = amqp_new_connection();
    amqp_socket_t *socket = amqp_tcp_socket_new(connection);
    check_status(amqp_socket_open(socket, host, port), "no connection");
    amqp_rpc_reply_t reply = amqp_login(connection, "/", 0, 131072, 10, AMQP_SASL_METHOD_PLAIN, "guest", "guest");
    if (reply.reply_type != AMQP_RESPONSE_NORMAL) fail("login refused");
    amqp_channel_open(connection, 1);
    check_reply("no channel");
}

// The clock and the processor time at the start.
static struct timespec begin_time;
static double begin_cpu;

static double cpu_seconds(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_utime.tv_sec + usage.ru_stime.tv_sec + (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static void begin(void) {
    clock_gettime(CLOCK_MONOTONIC, &begin_time);
    begin_cpu = cpu_seconds();
}

static void report(long messages) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    double seconds = now.tv_sec - begin_time.tv_sec + (now.tv_nsec - begin_time.tv_nsec) / 1e9;
    double cpu = cpu_seconds() - begin_cpu;
    printf("{\"per_second\": %.0f, \"cpu_us\": %.3f}\n", messages / seconds, cpu * 1e6 / messages);
}

// Which messages are confirmed, by delivery tag; confirmations that are not `multiple` may come in any order.
static char *is_confirmed;
static uint64_t first_unconfirmed = 1;

// Waits for one confirmation, and tells how many messages it confirms.
static uint64_t next_confirmations(void) {
    amqp_frame_t frame;
    amqp_maybe_release_buffers(connection);
    check_status(amqp_simple_wait_frame(connection, &frame), "no confirmation");
    if (frame.frame_type != AMQP_FRAME_METHOD || frame.payload.method.id != AMQP_BASIC_ACK_METHOD) {
        fail("something else than a confirmation came");
    }
    amqp_basic_ack_t *ack = frame.payload.method.decoded;
    uint64_t count = 0;
    for (uint64_t tag = ack->multiple ? first_unconfirmed : ack->delivery_tag; tag <= ack->delivery_tag; tag++) {
        count += !is_confirmed[tag];
        is_confirmed[tag] = 1;
    }
    while (is_confirmed[first_unconfirmed]) first_unconfirmed++;
    return count;
}

static void publish(amqp_bytes_t queue, long messages, size_t size, uint64_t window) {
    char *text = malloc(size);
    memset(text, 'x', size);
    amqp_bytes_t body = {.len = size, .bytes = text};
    amqp_basic_properties_t properties = {
        ._flags = AMQP_BASIC_CONTENT_TYPE_FLAG | AMQP_BASIC_DELIVERY_MODE_FLAG | AMQP_BASIC_MESSAGE_ID_FLAG
                  | AMQP_BASIC_TYPE_FLAG,
        .content_type = amqp_cstring_bytes("application/json"),
        .delivery_mode = 2,
        .message_id = amqp_cstring_bytes("0f0c2a56-0d5e-4b5e-9f3a-2f1f1c9f0a01"),
        .type = amqp_cstring_bytes("bench.event"),
    };
    amqp_confirm_select(connection, 1);
    check_reply("confirms refused");
    begin();
    uint64_t sent = 0, confirmed = 0, goal = messages;
    is_confirmed = calloc(goal + 2, 1);
    while (confirmed < goal) {
        while (sent < goal && sent - confirmed < window) {
            int status = amqp_basic_publish(connection, 1, amqp_empty_bytes, queue, 1, 0, &properties, body);
            check_status(status, "a message cannot be sent");
            sent++;
        }
        confirmed += next_confirmations();
    }
    report(messages);
    free(text);
}

static void consume(amqp_bytes_t queue, long messages, int prefetch) {
    amqp_basic_qos(connection, 1, 0, prefetch, 0);
    check_reply("prefetch refused");
    amqp_basic_consume(connection, 1, queue, amqp_empty_bytes, 0, 0, 0, amqp_empty_table);
    check_reply("the queue cannot be consumed");
    for (long received = 0; received < messages; received++) {
        amqp_envelope_t envelope;
        amqp_maybe_release_buffers(connection);
        if (amqp_consume_message(connection, &envelope, NULL, 0).reply_type != AMQP_RESPONSE_NORMAL) fail("no message");
        if (received == 0) begin();
        check_status(amqp_basic_ack(connection, 1, envelope.delivery_tag, 0), "an acknowledgement cannot be sent");
        amqp_destroy_envelope(&envelope);
    }
    report(messages);
    // A quorum queue drops acknowledgements that come right before the close.
    amqp_basic_qos(connection, 1, 0, 1, 0);
    struct timespec grace = {.tv_nsec = 300000000};
    nanosleep(&grace, NULL);
}

int main(int count, char **words) {
    if (count < 7) fail("see the head of amqp.c");
    open_connection(words[2], atoi(words[3]));
    amqp_bytes_t queue = amqp_cstring_bytes(words[4]);
    if (strcmp(words[1], "publish") == 0 && count == 8) {
        publish(queue, atol(words[5]), atol(words[6]), atol(words[7]));
    } else if (strcmp(words[1], "consume") == 0) {
        consume(queue, atol(words[5]), atoi(words[6]));
    } else {
        fail("see the head of amqp.c");
    }
    amqp_connection_close(connection, AMQP_REPLY_SUCCESS);
    amqp_destroy_connection(connection);
    return 0;
}
