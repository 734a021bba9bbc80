<?php

// Speaks the judge's protocol for a PHP client: a JSON object a line. Nothing in it has to be changed.
//
//     distinct-conformance client run --client "jsonl:php adapter.php"
//
// The client stands in client.php.

// What PHP itself has to say must not come between the replies, nor what the client prints.
ini_set('display_errors', 'stderr');
require __DIR__ . '/client.php';

function called(object $message): array
{
    try {
        (new Client($message->config))->call($message->op, $message->args, $message->files);
        return ['outcome' => 'ok'];
    } catch (Refused $refused) {
        return ['outcome' => 'refused', 'message' => $refused->getMessage()];
    } catch (Throwable $error) {
        return ['outcome' => 'error', 'status' => $error->getCode() ?: null, 'message' => $error->getMessage()];
    }
}

while (($line = fgets(STDIN)) !== false) {
    $message = json_decode($line);
    if ($message === null) {
        // JSON can write text that is no Unicode, and PHP reads none of it.
        preg_match('/"id":(\d+)/', $line, $id);
        $reply = ['id' => (int) $id[1], 'outcome' => 'refused', 'message' => json_last_error_msg()];
    } elseif ($message->cmd === 'bye') {
        break;
    } else {
        ob_start(fn (string $printed): string => fwrite(STDERR, $printed) === false ? '' : '');
        $reply = ['id' => $message->id] + match ($message->cmd) {
            'hello' => ['protocol' => 1] + ABOUT,
            'call' => called($message),
            default => ['outcome' => 'ok'],
        };
        ob_end_clean();
    }
    fwrite(STDOUT, json_encode($reply, JSON_INVALID_UTF8_SUBSTITUTE) . "\n");
}
