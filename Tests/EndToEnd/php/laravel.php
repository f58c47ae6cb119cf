<?php
// What Laravel's queue sends through its RabbitMQ driver (vladimir-yuldashev/laravel-queue-rabbitmq), without the
// framework: as for Queue::push($argv[4], $event), or, with a fifth argument, for the dispatch of a job object.

namespace App\Jobs {
    class BroadcastRealtime
    {
        public function __construct(public array $event) {}
    }
}

namespace {
    use PhpAmqpLib\Connection\AMQPStreamConnection;
    use PhpAmqpLib\Message\AMQPMessage;
    use PhpAmqpLib\Wire\AMQPTable;

    require 'PhpAmqpLib/autoload.php';
    require __DIR__ . '/common.php';

    $uuid = fn () => vsprintf('%s%s-%s-4%.3s-a%.3s-%s%s%s', str_split(bin2hex(random_bytes(18)), 4));
    $job = $argv[4];
    $options = ['maxTries' => null, 'maxExceptions' => null, 'failOnTimeout' => false];
    $options += ['backoff' => null, 'timeout' => null];
    if (isset($argv[5])) {
        // Illuminate\Queue\Queue::createObjectPayload
        $command = ['commandName' => $job, 'command' => serialize(new $job($event))];
        $payload = ['uuid' => $uuid(), 'displayName' => $job, 'job' => 'Illuminate\Queue\CallQueuedHandler@call'];
        $payload += $options + ['retryUntil' => null, 'data' => $command];
    } else {
        // Illuminate\Queue\Queue::createStringPayload
        $payload = ['uuid' => $uuid(), 'displayName' => explode('@', $job)[0], 'job' => $job];
        $payload += $options + ['data' => $event];
    }
    // RabbitMQQueue::createPayloadArray and createMessage
    $payload['id'] = $uuid();
    $message = new AMQPMessage(json_encode($payload), [
        'content_type' => 'application/json',
        'delivery_mode' => AMQPMessage::DELIVERY_MODE_PERSISTENT,
        'correlation_id' => $payload['id'],
        'application_headers' => new AMQPTable(['laravel' => ['attempts' => 0]]),
    ]);
    $connection = new AMQPStreamConnection($host, $port, 'guest', 'guest');
    $channel = $connection->channel();
    $channel->basic_publish($message, 'events', $key, true);
    $channel->close();
    $connection->close();
}
