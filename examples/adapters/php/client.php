<?php

// A right client with curl. It tries again after a 500, and only then.

require __DIR__ . '/rules.php';

const MOST_ATTEMPTS = 3;
const TIMEOUT_MS = 2000;
const FIRST_WAIT_MS = 200;

const ABOUT = [
    'client' => ['name' => 'right client with curl', 'version' => '1.0', 'language' => 'php'],
    'operations' => ['giftAssets', 'addUserAnalytics', 'captureAnalytics'],
    'capabilities' => [
        'retries' => ['on' => [500], 'max_attempts' => MOST_ATTEMPTS],
        'time_scale' => true,
        'timeout_ms' => TIMEOUT_MS,
    ],
];

const PATHS = [
    'giftAssets' => '/api/v1/vendor/user/assets',
    'addUserAnalytics' => '/api/v1/user/analytics',
    'captureAnalytics' => '/api/v1/analytics/capture/fifa-cwc-2025',
];

/** The API said no: the code is the HTTP status, or 0 when there was no answer. */
class ApiError extends Exception
{
}

/** The client of one API key. */
class Client
{
    public function __construct(private object $config)
    {
    }

    /** Sends what the caller has. Throws Refused for what cannot be sent, and ApiError for what went wrong. */
    public function call(string $operation, object $args, array $files): void
    {
        $fields = match ($operation) {
            'giftAssets' => Rules::gift($args, $files),
            'addUserAnalytics' => Rules::analytics($args),
            'captureAnalytics' => Rules::capture($args),
        };
        for ($attempt = 1; ; $attempt++) {
            [$status, $text] = $operation === 'giftAssets'
                ? $this->upload(PATHS[$operation], $fields, $files)
                : $this->post(PATHS[$operation], $fields);
            if ($status >= 200 && $status < 300) {
                return;
            }
            if ($status !== 500 || $attempt === MOST_ATTEMPTS) {
                $message = json_decode($text)?->message ?? null;
                throw new ApiError(is_string($message) ? $message : substr($text, 0, 200), $status);
            }
            usleep((int) (FIRST_WAIT_MS * 2 ** ($attempt - 1) * $this->config->time_scale * 1000));
        }
    }

    private function post(string $path, array $fields): array
    {
        $body = json_encode($fields, JSON_THROW_ON_ERROR);
        return $this->exchange($path, 'application/json', [CURLOPT_POST => true, CURLOPT_POSTFIELDS => $body]);
    }

    /** Streams a form: curl's own forms would need another name for each file. */
    private function upload(string $path, array $fields, array $files): array
    {
        $boundary = bin2hex(random_bytes(16));
        $head = "--$boundary\r\nContent-Disposition: form-data; name=\"";
        $pieces = [];
        foreach ($fields as $name => $value) {
            $pieces[] = "$head$name\"\r\n\r\n$value\r\n";
        }
        foreach ($files as $file) {
            $name = str_replace('"', '%22', Rules::fileName($file->name));
            $pieces[] = "{$head}assets\"; filename=\"$name\"\r\nContent-Type: $file->content_type\r\n\r\n";
            $pieces[] = $file;
            $pieces[] = "\r\n";
        }
        $pieces[] = "--$boundary--\r\n";
        $size = array_sum(array_map(fn ($piece) => is_string($piece) ? strlen($piece) : $piece->size, $pieces));
        $content = self::content($pieces);
        return $this->exchange($path, "multipart/form-data; boundary=$boundary", [
            CURLOPT_UPLOAD => true,
            CURLOPT_CUSTOMREQUEST => 'POST',
            CURLOPT_INFILESIZE => $size,
            CURLOPT_READFUNCTION => function ($curl, $stream, int $most) use ($content): string {
                // A piece may be longer than what is asked for, so what is left of it is kept.
                static $kept = '';
                while ($kept === '' && $content->valid()) {
                    $kept = $content->current();
                    $content->next();
                }
                [$given, $kept] = [substr($kept, 0, $most), substr($kept, $most)];
                return $given;
            },
        ]);
    }

    private static function content(array $pieces): Generator
    {
        foreach ($pieces as $piece) {
            if (is_string($piece)) {
                yield $piece;
                continue;
            }
            $opened = fopen($piece->path, 'rb');
            while (!feof($opened)) {
                yield fread($opened, 1 << 16);
            }
            fclose($opened);
        }
    }

    /** Sends one request; gives its status and the text of the answer. */
    private function exchange(string $path, string $kind, array $body): array
    {
        $curl = curl_init($this->config->base_url . $path);
        curl_setopt_array($curl, $body + [
            CURLOPT_HTTPHEADER => ["x-distinct-api-key: {$this->config->api_key}", "Content-Type: $kind"],
            CURLOPT_USERAGENT => 'right-client-with-curl/1.0',
            CURLOPT_RETURNTRANSFER => true,
            CURLOPT_TIMEOUT_MS => $this->config->timeout_ms ?? TIMEOUT_MS,
        ]);
        $text = curl_exec($curl);
        $status = curl_getinfo($curl, CURLINFO_RESPONSE_CODE);
        // An answer that breaks off has a status all the same.
        if ($text === false && $status === 0) {
            throw new ApiError('no answer: ' . curl_error($curl), 0);
        }
        return [$status, (string) $text];
    }
}
