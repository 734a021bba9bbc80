<?php

// What the adapter calls. Put your client here: this one only sends what it is given, as it stands.

/** What the judge is told of your client: its capabilities too, such as ['retries' => ['on' => [500], 'max_attempts' => 3]]. */
const ABOUT = [
    'client' => ['name' => 'my client', 'language' => 'php'],
    'operations' => ['giftAssets', 'addUserAnalytics', 'captureAnalytics'],
    'capabilities' => [],
];

const PATHS = [
    'giftAssets' => '/api/v1/vendor/user/assets',
    'addUserAnalytics' => '/api/v1/user/analytics',
    'captureAnalytics' => '/api/v1/analytics/capture/fifa-cwc-2025',
];

/** To be thrown when your client does not send what it was asked to send. */
class Refused extends Exception
{
}

/** To be thrown when the API said no: its code is the HTTP status, which is what a caller sees. */
class ApiError extends Exception
{
}

/** Made for each call; the config has base_url, api_key, time_scale and timeout_ms. */
class Client
{
    public function __construct(private object $config)
    {
    }

    /** Call your client here, with the operation's fields and files (path, name, content_type, size, sha256). */
    public function call(string $operation, object $args, array $files): void
    {
        $headers = ['x-distinct-api-key: ' . $this->config->api_key];
        if ($operation === 'giftAssets') {
            $headers[] = 'Content-Type: multipart/form-data; boundary=of-my-client';
            $head = "--of-my-client\r\nContent-Disposition: form-data; name=\"";
            $body = '';
            foreach ($args as $name => $value) {
                $body .= "$head$name\"\r\n\r\n$value\r\n";
            }
            foreach ($files as $file) {
                $body .= "{$head}assets\"; filename=\"$file->name\"\r\nContent-Type: $file->content_type\r\n\r\n"
                    . file_get_contents($file->path) . "\r\n";
            }
            $body .= "--of-my-client--\r\n";
        } else {
            $headers[] = 'Content-Type: application/json';
            $body = json_encode($args);
        }
        $curl = curl_init($this->config->base_url . PATHS[$operation]);
        curl_setopt_array($curl, [
            CURLOPT_POST => true, CURLOPT_POSTFIELDS => $body, CURLOPT_HTTPHEADER => $headers,
            CURLOPT_RETURNTRANSFER => true,
        ]);
        $answer = curl_exec($curl);
        $status = curl_getinfo($curl, CURLINFO_RESPONSE_CODE);
        if ($answer === false || $status >= 300) {
            throw new ApiError($answer === false ? curl_error($curl) : $answer, $status);
        }
    }
}
