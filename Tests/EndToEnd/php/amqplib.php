<?php
// php-amqplib as most people first use it: no properties at all, so the message is transient.

require 'PhpAmqpLib/autoload.php';
require __DIR__ . '/common.php';

$connection = new PhpAmqpLib\Connection\AMQPStreamConnection($host, $port, 'guest', 'guest');
$channel = $connection->channel();
$channel->basic_publish(new PhpAmqpLib\Message\AMQPMessage($text), 'events', $key);
$channel->close();
$connection->close();
