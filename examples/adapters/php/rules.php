<?php

// What may be sent: everything else is refused before it leaves. Knows nothing of HTTP.

/** What the caller asked for cannot be sent. */
class Refused extends Exception
{
}

class Rules
{
    private const PAIRS = [
        'registration_email' => ['sent', 'opened', 'delivered'],
        'registration_sms' => ['sent', 'delivered', 'failed'],
        'user_collectible' => ['viewed', 'downloaded'],
        'page_visit' => ['viewed'],
    ];
    private const VISIT = 'REGISTRATION_PAGE_VISIT';
    private const TYPES = [self::VISIT, 'PHOTO_ASSIGNED_TO_USER', 'PHOTO_DOWNLOADED_BY_USER', 'PHOTO_VIEWED_BY_USER'];
    private const MOST_FILES = 10;
    private const MOST_BYTES = 50 * 1024 * 1024;
    private const TIME = '/^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.\d+)?'
        . '(?:Z|([+-])([01]\d|2[0-3]):([0-5]\d))$/D';
    private const DAY = 24 * 60;

    /** Gives the fields of a user analytics event as they are sent. */
    public static function analytics(object $given): array
    {
        $fields = self::filled($given);
        $identifiers = array_values(array_intersect(['userId', 'email', 'phone'], array_keys($fields)));
        if ($identifiers === []) {
            throw new Refused('one of userId, email and phone is needed');
        }
        self::texts($fields, ...$identifiers, ...['feature', 'action', 'experienceId', 'capturedAt']);
        if (isset($fields['phone']) && !preg_match('/^\+[1-9][0-9]{1,14}$/D', $fields['phone'])) {
            throw new Refused('phone: expected E.164, such as +14155552671');
        }
        // strtolower changes ASCII letters only, as the API does.
        $actions = self::PAIRS[strtolower($fields['feature'])] ?? [];
        if (!in_array(strtolower($fields['action']), $actions, true)) {
            throw new Refused("{$fields['feature']}/{$fields['action']} is not registered");
        }
        self::time('capturedAt', $fields['capturedAt']);
        if (isset($fields['metadata']) && !is_object($fields['metadata'])) {
            throw new Refused('metadata: got ' . gettype($fields['metadata']) . ', expected an object');
        }
        return $fields;
    }

    /** Gives the fields of a captured event as they are sent: only those of its type. */
    public static function capture(object $given): array
    {
        $fields = self::filled($given);
        if (!in_array($fields['type'] ?? null, self::TYPES, true)) {
            throw new Refused('type: expected one of ' . implode(', ', self::TYPES));
        }
        [$needed, $others] = [['email'], ['sessionId', 'registrationPageValue']];
        if ($fields['type'] === self::VISIT) {
            [$needed, $others] = [$others, $needed];
        }
        self::texts($fields, 'eventValue', 'recordCapturedAt', ...$needed);
        self::time('recordCapturedAt', $fields['recordCapturedAt']);
        return array_diff_key($fields, array_flip($others));
    }

    /** Gives the text fields of an upload as they are sent. */
    public static function gift(object $given, array $files): array
    {
        $fields = self::filled($given);
        self::texts($fields, 'userId', 'eventId');
        if (count($files) < 1 || count($files) > self::MOST_FILES) {
            throw new Refused(count($files) . ' files, expected 1 to ' . self::MOST_FILES);
        }
        foreach ($files as $file) {
            if ($file->size < 1 || $file->size > self::MOST_BYTES) {
                throw new Refused("$file->name: $file->size bytes, expected 1 to " . self::MOST_BYTES);
            }
            if (!preg_match('~^(image|video)/~', $file->content_type)) {
                throw new Refused("$file->name: $file->content_type, expected an image or a video");
            }
        }
        return $fields;
    }

    /** Gives the name of a file without folders, and without what no name has. */
    public static function fileName(string $name): string
    {
        $last = preg_replace('~^.*[/\\\\]~s', '', $name);
        return preg_replace('/[\x00-\x1f\x7f]/', '_', $last) ?: 'file';
    }

    /** Leaves out what is empty: the API wants it left out. */
    private static function filled(object $given): array
    {
        $isFilled = fn (mixed $value): bool => !in_array($value, [null, ''], true)
            && !(is_object($value) && get_object_vars($value) === []);
        return array_filter(get_object_vars($given), $isFilled);
    }

    /** Refuses fields that are missing or no text. */
    private static function texts(array $fields, string ...$names): void
    {
        foreach ($names as $name) {
            if (!is_string($fields[$name] ?? null)) {
                throw new Refused("$name: got " . gettype($fields[$name] ?? null) . ', expected text');
            }
        }
    }

    /** Refuses what is no date and time with an offset, in the form that every reader of ISO 8601 takes. */
    private static function time(string $name, string $text): void
    {
        if (!preg_match(self::TIME, $text, $found) || str_ends_with($text, '-00:00')) {
            throw new Refused("$name: expected a date and time such as 2026-04-27T13:35:00Z");
        }
        [, $year, $month, $day, $hour, $minute, $second] = array_map('intval', $found);
        // checkdate knows no year 0, nor does the API.
        if (!checkdate($month, $day, $year) || $hour > 23 || $minute > 59 || $second > 60) {
            throw new Refused("$name: there is no such time");
        }
        $offset = (int) (($found[7] ?? '') . '1') * ((int) ($found[8] ?? 0) * 60 + (int) ($found[9] ?? 0));
        if ($second === 60 && ($hour * 60 + $minute - $offset + self::DAY) % self::DAY !== self::DAY - 1) {
            throw new Refused("$name: no leap second can be there");
        }
    }
}
