import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.LocalDateTime;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What may be sent: everything else is refused before it leaves. Knows nothing of HTTP. */
final class Rules {
    private static final Map<String, Set<String>> PAIRS = Map.of(
            "registration_email", Set.of("sent", "opened", "delivered"),
            "registration_sms", Set.of("sent", "delivered", "failed"),
            "user_collectible", Set.of("viewed", "downloaded"),
            "page_visit", Set.of("viewed"));
    private static final String VISIT = "REGISTRATION_PAGE_VISIT";
    private static final Set<String> TYPES =
            Set.of(VISIT, "PHOTO_ASSIGNED_TO_USER", "PHOTO_DOWNLOADED_BY_USER", "PHOTO_VIEWED_BY_USER");
    private static final List<String> OF_VISITS = List.of("sessionId", "registrationPageValue");
    private static final int MOST_FILES = 10;
    private static final long MOST_BYTES = 50 * 1024 * 1024;
    private static final Pattern E164 = Pattern.compile("\\+[1-9][0-9]{1,14}");
    private static final Pattern TIME = Pattern.compile("([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}):([0-9]{2})"
            + "(?:\\.[0-9]+)?(?:Z|([+-])([01][0-9]|2[0-3]):([0-5][0-9]))");

    private Rules() {}

    /** Gives the fields of a user analytics event as they are sent. */
    static Map<String, Object> analytics(Map<String, Object> given) {
        var fields = filled(given);
        List<String> identifiers = Stream.of("userId", "email", "phone").filter(fields::containsKey).toList();
        if (identifiers.isEmpty()) throw new Client.Refused("one of userId, email and phone is needed");
        identifiers.forEach(name -> text(fields, name));
        List.of("feature", "action", "experienceId", "capturedAt").forEach(name -> text(fields, name));
        if (fields.containsKey("phone") && !E164.matcher(text(fields, "phone")).matches())
            throw new Client.Refused("phone: expected E.164, such as +14155552671");
        checkPair(text(fields, "feature"), text(fields, "action"));
        checkTime("capturedAt", text(fields, "capturedAt"));
        if (fields.containsKey("metadata")) checkMetadata(fields.get("metadata"));
        return fields;
    }

    /** Gives the fields of a captured event as they are sent: only those of its type. */
    static Map<String, Object> capture(Map<String, Object> given) {
        var fields = filled(given);
        String type = text(fields, "type");
        if (!TYPES.contains(type)) throw new Client.Refused("type: expected one of " + TYPES);
        List<String> needed = type.equals(VISIT) ? OF_VISITS : List.of("email");
        List.of("eventValue", "recordCapturedAt").forEach(name -> text(fields, name));
        needed.forEach(name -> text(fields, name));
        checkTime("recordCapturedAt", text(fields, "recordCapturedAt"));
        fields.keySet().removeAll(type.equals(VISIT) ? List.of("email") : OF_VISITS);
        return fields;
    }

    /** Gives the text fields of an upload as they are sent. */
    static Map<String, Object> gift(Map<String, Object> given, List<Map<String, Object>> files) {
        var fields = filled(given);
        List.of("userId", "eventId").forEach(name -> text(fields, name));
        if (files.isEmpty() || files.size() > MOST_FILES)
            throw new Client.Refused(files.size() + " files, expected 1 to " + MOST_FILES);
        for (var file : files) {
            long size = ((Number) file.get("size")).longValue();
            if (size < 1 || size > MOST_BYTES)
                throw new Client.Refused(file.get("name") + ": " + size + " bytes, expected 1 to " + MOST_BYTES);
            String type = (String) file.get("content_type");
            if (!type.startsWith("image/") && !type.startsWith("video/"))
                throw new Client.Refused(file.get("name") + ": " + type + ", expected an image or a video");
        }
        return fields;
    }

    /** Gives the name of a file without folders, and without what no name has. */
    static String fileName(String name) {
        String last = name.substring(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1);
        return last.isEmpty() ? "file" : last.replaceAll("[\\x00-\\x1f\\x7f]", "_");
    }

    /** Leaves out what is empty: the API wants it left out. */
    private static Map<String, Object> filled(Map<String, Object> given) {
        var fields = new LinkedHashMap<>(given);
        fields.values().removeIf(value -> value == null || value.equals("") || value.equals(Map.of()));
        return fields;
    }

    /** Gives a field that has to be text. Refuses what is missing, or no text that UTF-8 can write. */
    private static String text(Map<String, Object> fields, String name) {
        if (!(fields.get(name) instanceof String text)) throw new Client.Refused(name + ": expected text");
        if (!isUnicode(text)) throw new Client.Refused(name + ": no Unicode text");
        return text;
    }

    private static boolean isUnicode(String text) {
        return StandardCharsets.UTF_8.newEncoder().canEncode(text);
    }

    private static void checkPair(String feature, String action) {
        // ASCII only: other letters become ASCII ones in lower case, the sign of Kelvin for one.
        boolean isPlain = (feature + action).chars().allMatch(letter -> letter < 128);
        var actions = PAIRS.getOrDefault(feature.toLowerCase(Locale.ROOT), Set.of());
        if (!isPlain || !actions.contains(action.toLowerCase(Locale.ROOT)))
            throw new Client.Refused(feature + "/" + action + " is not registered");
    }

    private static void checkMetadata(Object metadata) {
        if (!(metadata instanceof Map)) throw new Client.Refused("metadata: expected an object");
        if (!isUnicode(String.valueOf(metadata))) throw new Client.Refused("metadata: no Unicode text");
    }

    /** Refuses what is no date and time with an offset, in the form that every reader of ISO 8601 takes. */
    private static void checkTime(String name, String text) {
        Matcher found = TIME.matcher(text);
        if (!found.matches() || text.endsWith("-00:00") || text.startsWith("0000"))
            throw new Client.Refused(name + ": expected a date and time such as 2026-04-27T13:35:00Z");
        boolean leaps = found.group(2).equals("60");
        try {
            var exact = LocalDateTime.parse(found.group(1) + ":" + (leaps ? "59" : found.group(2)));
            int offset = found.group(3) == null
                    ? 0
                    : Integer.parseInt(found.group(3) + 1) * (60 * number(found.group(4)) + number(found.group(5)));
            var utc = exact.minusMinutes(offset);
            if (leaps && (utc.getHour() != 23 || utc.getMinute() != 59))
                throw new Client.Refused(name + ": no leap second can be there");
        } catch (DateTimeException error) {
            throw new Client.Refused(name + ": there is no such time");
        }
    }

    private static int number(String digits) {
        return Integer.parseInt(digits);
    }
}
