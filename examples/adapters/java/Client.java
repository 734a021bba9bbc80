import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;

/** A right client with java.net.http. It tries again after a 500, and only then. */
final class Client {
    private static final int MOST_ATTEMPTS = 3;
    private static final int TIMEOUT_MS = 2000;
    private static final double FIRST_WAIT_MS = 200;

    static final Map<String, Object> ABOUT = Map.of(
            "client", Map.of("name", "right client with java.net.http", "version", "1.0", "language", "java"),
            "operations", List.of("giftAssets", "addUserAnalytics", "captureAnalytics"),
            "capabilities", Map.of(
                    "retries", Map.of("on", List.of(500), "max_attempts", MOST_ATTEMPTS),
                    "time_scale", true,
                    "timeout_ms", TIMEOUT_MS));

    private static final Map<String, String> PATHS = Map.of(
            "giftAssets", "/api/v1/vendor/user/assets",
            "addUserAnalytics", "/api/v1/user/analytics",
            "captureAnalytics", "/api/v1/analytics/capture/fifa-cwc-2025");
    private static final Pattern MESSAGE = Pattern.compile("\"message\"\\s*:\\s*\"((?:[^\"\\\\]|\\\\.)*)\"");

    /** What the caller asked for cannot be sent. */
    static final class Refused extends RuntimeException {
        private static final long serialVersionUID = 1;

        Refused(String message) {
            super(message);
        }
    }

    /** The API said no. Its status is that of HTTP; null when there was no answer. */
    static final class ApiError extends Exception {
        private static final long serialVersionUID = 1;
        final Integer status;

        ApiError(Integer status, String message) {
            super(message);
            this.status = status;
        }
    }

    private record Body(String type, BodyPublisher content) {}

    private static final HttpClient HTTP = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final Map<String, Object> config;

    Client(Map<String, Object> config) {
        this.config = config;
    }

    /** Sends what the caller has. Throws Refused for what cannot be sent, and ApiError for what went wrong. */
    void call(String operation, Map<String, Object> args, List<Map<String, Object>> files) throws Exception {
        boolean isUpload = operation.equals("giftAssets");
        Map<String, Object> fields = isUpload
                ? Rules.gift(args, files)
                : operation.equals("addUserAnalytics") ? Rules.analytics(args) : Rules.capture(args);
        for (int attempt = 1; ; attempt++) {
            // Made anew for each attempt: what was sent once is at its end.
            var answer = exchange(operation, isUpload ? form(fields, files) : json(fields));
            int status = answer.statusCode();
            if (status / 100 == 2) return;
            if (status != 500 || attempt == MOST_ATTEMPTS) throw new ApiError(status, message(answer.body()));
            Thread.sleep((long) (FIRST_WAIT_MS * (1 << (attempt - 1)) * number("time_scale", 1)));
        }
    }

    private HttpResponse<String> exchange(String operation, Body body) throws ApiError, InterruptedException {
        var request = HttpRequest.newBuilder(URI.create(config.get("base_url") + PATHS.get(operation)))
                .header("x-distinct-api-key", (String) config.get("api_key"))
                .header("User-Agent", "right-client-with-java/1.0")
                .header("Content-Type", body.type)
                .timeout(Duration.ofMillis((long) number("timeout_ms", TIMEOUT_MS)))
                .POST(body.content)
                .build();
        try {
            return HTTP.send(request, HttpResponse.BodyHandlers.ofString());
        } catch (IOException error) {
            throw new ApiError(null, "no answer: " + error.getClass().getSimpleName());
        }
    }

    private static Body json(Map<String, Object> fields) {
        return new Body("application/json", BodyPublishers.ofString(Json.write(fields)));
    }

    private static Body form(Map<String, Object> fields, List<Map<String, Object>> files) throws FileNotFoundException {
        String boundary = UUID.randomUUID().toString();
        String head = "--" + boundary + "\r\nContent-Disposition: form-data; name=\"";
        var parts = new ArrayList<BodyPublisher>();
        fields.forEach((name, value) -> parts.add(text(head + name + "\"\r\n\r\n" + value + "\r\n")));
        for (var file : files) {
            String name = Rules.fileName((String) file.get("name")).replace("\"", "%22");
            parts.add(text(head + "assets\"; filename=\"" + name + "\"\r\nContent-Type: " + file.get("content_type")
                    + "\r\n\r\n"));
            parts.add(BodyPublishers.ofFile(Path.of((String) file.get("path"))));
            parts.add(text("\r\n"));
        }
        parts.add(text("--" + boundary + "--\r\n"));
        BodyPublisher content = BodyPublishers.concat(parts.toArray(BodyPublisher[]::new));
        return new Body("multipart/form-data; boundary=" + boundary, content);
    }

    private static BodyPublisher text(String text) {
        return BodyPublishers.ofString(text, StandardCharsets.UTF_8);
    }

    private double number(String name, double otherwise) {
        return config.get(name) instanceof Number number ? number.doubleValue() : otherwise;
    }

    /** Gives what the API says of a failure, whatever form it has. */
    private static String message(String body) {
        var found = MESSAGE.matcher(body);
        if (found.find()) return (String) Json.read('"' + found.group(1) + '"');
        return body.substring(0, Math.min(200, body.length()));
    }
}
