<?php
// The amqp extension with its defaults: content type text/plain.

require __DIR__ . '/common.php';

$connection = new AMQPConnection(['host' => $host, 'port' => $port, 'login' => 'guest', 'password' => 'guest']);
$connection->connect();
$exchange = new AMQPExchange(new AMQPChannel($connection));
$exchange->setName('events');
$exchange->publish($text, $key);
$connection->disconnect();
