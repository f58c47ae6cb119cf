#pragma once

#include <netinet/tcp.h>
#include <sys/eventfd.h>

// Debian 12 ships rabbitmq-c 0.11 with <amqp.h>; from 0.12 on the headers live below rabbitmq-c/.
#if __has_include(<rabbitmq-c/amqp.h>)
#include <rabbitmq-c/amqp.h>
#include <rabbitmq-c/framing.h>
#include <rabbitmq-c/ssl_socket.h>
#include <rabbitmq-c/tcp_socket.h>
#else
#include <amqp.h>
#include <amqp_framing.h>
#include <amqp_ssl_socket.h>
#include <amqp_tcp_socket.h>
#endif

// amqp_login_with_properties takes the credentials as variadic arguments, which Swift cannot pass.
static inline amqp_rpc_reply_t crabbitmq_login(
    amqp_connection_state_t state, const char *vhost, int frame_max, int heartbeat,
    const amqp_table_t *properties, const char *user, const char *password) {
    return amqp_login_with_properties(
        state, vhost, AMQP_DEFAULT_MAX_CHANNELS, frame_max, heartbeat, properties,
        AMQP_SASL_METHOD_PLAIN, user, password);
}
