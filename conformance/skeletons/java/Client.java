import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** What the adapter calls. Put your client here: this one only sends what it is given, as it stands. */
final class Client {
    /** What the judge is told of your client: its capabilities too, such as Map.of("timeout_ms", 2000). */
    static final Map<String, Object> ABOUT = Map.of(
            "client", Map.of("name", "my client", "language", "java"),
            "operations", List.of("giftAssets", "addUserAnalytics", "captureAnalytics"),
            "capabilities", Map.of());

    private static final Map<String, String> PATHS = Map.of(
            "giftAssets", "/api/v1/vendor/user/assets",
            "addUserAnalytics", "/api/v1/user/analytics",
            "captureAnalytics", "/api/v1/analytics/capture/fifa-cwc-2025");

    /** To be thrown when your client does not send what it was asked to send. */
    static final class Refused extends RuntimeException {
        Refused(String message) {
            super(message);
        }
    }

    /** To be thrown when the API said no. Its status is what a caller sees; null when there was no answer. */
    static final class ApiError extends Exception {
        final Integer status;

        ApiError(Integer status, String message) {
            super(message);
            this.status = status;
        }
    }

    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private final Map<String, Object> config;

    /** Made for each API key; config has base_url, api_key, time_scale and timeout_ms. */
    Client(Map<String, Object> config) {
        this.config = config;
    }

    /** Call your client here, with the operation's fields and files (path, name, content_type, size, sha256). */
    void call(String operation, Map<String, Object> args, List<Map<String, Object>> files) throws Exception {
        boolean isUpload = operation.equals("giftAssets");
        var request = HttpRequest.newBuilder(URI.create(config.get("base_url") + PATHS.get(operation)))
                .header("x-distinct-api-key", (String) config.get("api_key"))
                .header("Content-Type", isUpload ? "multipart/form-data; boundary=of-my-client" : "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(isUpload ? form(args, files) : bytes(Json.write(args))))
                .build();
        var answer = HTTP.send(request, HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() >= 300) throw new ApiError(answer.statusCode(), answer.body());
    }

    private static byte[] form(Map<String, Object> args, List<Map<String, Object>> files) throws IOException {
        var form = new ByteArrayOutputStream();
        String head = "--of-my-client\r\nContent-Disposition: form-data; name=\"";
        for (var field : args.entrySet())
            form.write(bytes(head + field.getKey() + "\"\r\n\r\n" + field.getValue() + "\r\n"));
        for (var file : files) {
            form.write(bytes(head + "assets\"; filename=\"" + file.get("name") + "\"\r\nContent-Type: "
                    + file.get("content_type") + "\r\n\r\n"));
            Files.copy(Path.of((String) file.get("path")), form);
            form.write(bytes("\r\n"));
        }
        form.write(bytes("--of-my-client--\r\n"));
        return form.toByteArray();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
