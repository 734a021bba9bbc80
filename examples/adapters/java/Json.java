import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Reads and writes JSON, which Java itself cannot: maps, lists, strings, numbers as BigDecimal, booleans and null. */
final class Json {
    private final String text;
    private int at;

    private Json(String text) {
        this.text = text;
    }

    static Object read(String text) {
        return new Json(text).value();
    }

    static String write(Object value) {
        if (value instanceof Map<?, ?> map)
            return map.entrySet().stream()
                    .map(entry -> write(entry.getKey()) + ":" + write(entry.getValue()))
                    .collect(Collectors.joining(",", "{", "}"));
        if (value instanceof List<?> list)
            return list.stream().map(Json::write).collect(Collectors.joining(",", "[", "]"));
        return value instanceof String string ? quoted(string) : String.valueOf(value);
    }

    private static String quoted(String string) {
        var written = new StringBuilder("\"");
        for (char letter : string.toCharArray())
            if (letter < ' ' || letter > '~') written.append(String.format("\\u%04x", (int) letter));
            else written.append(letter == '"' || letter == '\\' ? "\\" : "").append(letter);
        return written.append('"').toString();
    }

    private Object value() {
        switch (next()) {
            case '{':
                at++;
                var map = new LinkedHashMap<String, Object>();
                while (next() != '}') {
                    if (text.charAt(at) == ',') at++;
                    next();
                    String name = string();
                    next();
                    at++;
                    map.put(name, value());
                }
                at++;
                return map;
            case '[':
                at++;
                var list = new ArrayList<Object>();
                while (next() != ']') {
                    if (text.charAt(at) == ',') at++;
                    list.add(value());
                }
                at++;
                return list;
            case '"':
                return string();
            default:
                int begin = at;
                while (at < text.length() && ",]} \t\r\n".indexOf(text.charAt(at)) < 0) at++;
                String word = text.substring(begin, at);
                if (word.equals("null")) return null;
                return word.equals("true") || word.equals("false") ? (Object) word.equals("true") : new BigDecimal(word);
        }
    }

    /** Goes to the next letter that is no space. */
    private char next() {
        while (Character.isWhitespace(text.charAt(at))) at++;
        return text.charAt(at);
    }

    private String string() {
        var read = new StringBuilder();
        for (at++; text.charAt(at) != '"'; at++) {
            char letter = text.charAt(at);
            if (letter == '\\') {
                letter = text.charAt(++at);
                int escape = "bfnrt".indexOf(letter);
                if (escape >= 0) letter = "\b\f\n\r\t".charAt(escape);
                else if (letter == 'u') {
                    letter = (char) Integer.parseInt(text.substring(at + 1, at + 5), 16);
                    at += 4;
                }
            }
            read.append(letter);
        }
        at++;
        return read.toString();
    }
}
