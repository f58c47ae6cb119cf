<?php
// Symfony Messenger's AMQP transport, with the serializer that its fourth argument names: json, or php,
// which is what it takes unless told otherwise; php-latin1 is the same with text that is not UTF-8.

namespace App\Message {
    class RealtimeBroadcast
    {
        public function __construct(public string $topic, public string $event, public array $payload) {}
    }

    class NotificationRequestedMessage
    {
        public function __construct(
            public string $user_id,
            public string $type,
            public string $title,
            public string $body,
        ) {}
    }

    class TellUser extends NotificationRequestedMessage {}

    class InvoicePaid
    {
        public function __construct(public int $number) {}
    }
}

namespace {
    use Symfony\Component\Messenger\Bridge\Amqp\Transport\AmqpTransport;
    use Symfony\Component\Messenger\Bridge\Amqp\Transport\Connection;
    use Symfony\Component\Messenger\Envelope;
    use Symfony\Component\Messenger\Stamp\BusNameStamp;
    use Symfony\Component\Messenger\Transport\Serialization\PhpSerializer;
    use Symfony\Component\Messenger\Transport\Serialization\Serializer;
    use Symfony\Component\Serializer\Encoder\JsonEncoder;
    use Symfony\Component\Serializer\Normalizer\ArrayDenormalizer;
    use Symfony\Component\Serializer\Normalizer\DateTimeNormalizer;
    use Symfony\Component\Serializer\Normalizer\ObjectNormalizer;
    use Symfony\Component\Serializer\Serializer as SymfonySerializer;

    foreach (['Messenger', 'Serializer', 'PropertyAccess'] as $component) {
        require "Symfony/Component/$component/autoload.php";
    }
    require __DIR__ . '/common.php';

    [, , , , $format, $class] = $argv;
    if ($format === 'php-latin1') {
        array_walk_recursive($event, function (&$value) {
            $value = is_string($value) ? mb_convert_encoding($value, 'ISO-8859-1') : $value;
        });
    }
    $connection = Connection::fromDsn("amqp://guest:guest@$host:$port/%2f/events", [
        // The exchange is there already, declared otherwise than Symfony would.
        'auto_setup' => false,
        'exchange' => ['name' => 'events', 'type' => 'topic', 'default_publish_routing_key' => $key],
    ]);
    // As Serializer::create() does, without XML.
    $normalizers = [new DateTimeNormalizer(), new ArrayDenormalizer(), new ObjectNormalizer()];
    $json = new SymfonySerializer($normalizers, [new JsonEncoder()]);
    $serializer = $format === 'json' ? new Serializer($json) : new PhpSerializer();
    $transport = new AmqpTransport($connection, $serializer);
    $transport->send(new Envelope(new $class(...$event), [new BusNameStamp('messenger.bus.default')]));
}
