<?php
// What the publishers of this folder share: php NAME.php AMQP_HOST AMQP_PORT ROUTING_KEY <JSON

[, $host, $port, $key] = $argv;
$text = stream_get_contents(STDIN);
$event = json_decode($text, true, 64, JSON_THROW_ON_ERROR);
