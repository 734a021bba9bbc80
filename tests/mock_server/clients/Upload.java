import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;

/** Sends one file of zeros, or a JSON text, and prints the status and body of the answer. */
public class Upload {
    static final String BOUNDARY = "client-boundary";

    static String text(String name, String value) {
        return "--" + BOUNDARY + "\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n";
    }

    static final byte[] BEFORE = (text("userId", "user-john-doe") + text("eventId", "summer-gala")
            + "--" + BOUNDARY + "\r\nContent-Disposition: form-data; name=\"assets\"; filename=\"big.mp4\"\r\n"
            + "Content-Type: video/mp4\r\n\r\n").getBytes(StandardCharsets.UTF_8);
    static final byte[] AFTER = ("\r\n--" + BOUNDARY + "--\r\n").getBytes(StandardCharsets.UTF_8);

    /** A stream of as many zeros as asked for. */
    static class Zeros extends InputStream {
        long left;

        Zeros(long size) {
            left = size;
        }

        @Override
        public int read() {
            return left-- > 0 ? 0 : -1;
        }

        @Override
        public int read(byte[] into, int offset, int most) {
            if (left <= 0) {
                return -1;
            }
            int count = (int) Math.min(left, most);
            java.util.Arrays.fill(into, offset, offset + count, (byte) 0);
            left -= count;
            return count;
        }
    }

    static InputStream form(long size) {
        return new SequenceInputStream(Collections.enumeration(
                List.of(new ByteArrayInputStream(BEFORE), new Zeros(size), new ByteArrayInputStream(AFTER))));
    }

    /** Arguments: kind (client, connection, json), url, key, size in bytes or JSON text. */
    public static void main(String[] args) throws Exception {
        String formType = "multipart/form-data; boundary=" + BOUNDARY;
        if (args[0].equals("connection")) {
            viaConnection(args[1], args[2], Long.parseLong(args[3]), formType);
            return;
        }
        boolean json = args[0].equals("json");
        HttpRequest.BodyPublisher body = json
                ? HttpRequest.BodyPublishers.ofString(args[3])
                : HttpRequest.BodyPublishers.ofInputStream(() -> form(Long.parseLong(args[3])));
        // The default client offers an upgrade to HTTP/2 with its first request.
        HttpResponse<String> response = HttpClient.newHttpClient().send(
                HttpRequest.newBuilder(URI.create(args[1])).header("x-distinct-api-key", args[2])
                        .header("Content-Type", json ? "application/json" : formType).POST(body).build(),
                HttpResponse.BodyHandlers.ofString());
        System.out.println(response.statusCode() + " " + response.body());
    }

    static void viaConnection(String url, String key, long size, String type) throws Exception {
        HttpURLConnection connection = (HttpURLConnection) URI.create(url).toURL().openConnection();
        connection.setRequestMethod("POST");
        connection.setDoOutput(true);
        connection.setFixedLengthStreamingMode(BEFORE.length + size + AFTER.length);
        connection.setRequestProperty("x-distinct-api-key", key);
        connection.setRequestProperty("Content-Type", type);
        try (OutputStream out = connection.getOutputStream(); InputStream in = form(size)) {
            in.transferTo(out);
        }
        int status = connection.getResponseCode();
        InputStream answer = status < 400 ? connection.getInputStream() : connection.getErrorStream();
        // The class hides the body of a 401 from a request that it cannot send again.
        String text = answer == null ? "" : new String(answer.readAllBytes(), StandardCharsets.UTF_8);
        System.out.println(status + " " + text);
    }
}
