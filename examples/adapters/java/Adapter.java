import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Speaks the judge's protocol for a Java client: a JSON object a line. Nothing in it has to be changed.
 *
 * <pre>
 *     javac -d classes Adapter.java Client.java Json.java
 *     distinct-conformance client run --client "jsonl:java -cp classes Adapter"
 * </pre>
 *
 * The client stands in Client.java.
 */
public final class Adapter {
    private static Client client;
    private static Object configured;

    public static void main(String[] arguments) throws Exception {
        PrintStream replies = System.out;
        // What the client prints must not come between the replies.
        System.setOut(System.err);
        var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            @SuppressWarnings("unchecked")
            var message = (Map<String, Object>) Json.read(line);
            if (message.get("cmd").equals("bye")) break;
            var reply = new LinkedHashMap<String, Object>();
            reply.put("id", message.get("id"));
            switch ((String) message.get("cmd")) {
                case "hello" -> {
                    reply.put("protocol", 1);
                    reply.putAll(Client.ABOUT);
                }
                case "call" -> reply.putAll(called(message));
                default -> reply.put("outcome", "ok");
            }
            replies.println(Json.write(reply));
            replies.flush();
        }
        System.exit(0);
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> called(Map<String, Object> message) {
        var told = new HashMap<String, Object>();
        try {
            if (!message.get("config").equals(configured)) {
                configured = message.get("config");
                client = new Client((Map<String, Object>) configured);
            }
            client.call(
                    (String) message.get("op"),
                    (Map<String, Object>) message.get("args"),
                    (List<Map<String, Object>>) message.get("files"));
            told.put("outcome", "ok");
        } catch (Exception error) {
            told.put("outcome", error instanceof Client.Refused ? "refused" : "error");
            told.put("status", error instanceof Client.ApiError refused ? refused.status : null);
            told.put("message", String.valueOf(error.getMessage()));
        }
        return told;
    }
}
