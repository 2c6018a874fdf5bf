// Alerts with the client of Apache Kafka. One file, no build: Java 17 or newer runs it as it is.
//   java -cp "kafka-clients.jar:jackson-databind.jar:..." Alerts.java broker:9092 [how many]
// In this checkout, after `make kafka`: java -cp '.kafka/libs/*' examples/Alerts.java localhost:9092

import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

public class Alerts {
  public static void main(String[] arguments) throws Exception {
    Map<String, Object> settings =
        Map.of("bootstrap.servers", arguments[0], "group.id", "team-c", "auto.offset.reset", "earliest");
    int left = arguments.length > 1 ? Integer.parseInt(arguments[1]) : -1;
    var json = new ObjectMapper();
    try (var consumer = new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      consumer.subscribe(List.of("alerts"));
      while (left != 0) {
        for (var message : consumer.poll(Duration.ofSeconds(1))) {
          var alert = json.readTree(message.value());
          var terms = StreamSupport.stream(alert.get("why").get("top_terms").spliterator(), false);
          System.out.printf(
              "%s %s %s%n",
              alert.get("emitted_at").asText(),
              alert.get("stage").asText(),
              terms.map(term -> term.asText()).collect(Collectors.joining(", ")));
          if (--left == 0) break;
        }
      }
    }
  }
}
