import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.TimeWindows;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.Record;

/**
 * A job like that of a worker without model, far simpler, in Kafka Streams: JSON, words in small letters, a count for
 * each word and minute, published. Prints the processor seconds from the first message to the last.
 *
 * Arguments: the brokers, the name of the application, and how many messages topic `posts` holds.
 */
public final class Words {
  private static final Pattern BETWEEN = Pattern.compile("[^\\p{L}\\p{N}]+");
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final AtomicLong READ = new AtomicLong();
  private static final AtomicLong FOUND = new AtomicLong();
  private static final AtomicLong COUNTED = new AtomicLong();
  private static volatile long began = -1;

  /** Forwards each word of each post, dated as the post. */
  private static final class Splitter extends ContextualProcessor<byte[], byte[], String, Integer> {
    @Override
    public void process(Record<byte[], byte[]> message) {
      if (began < 0) {
        began = processorNs();
      }
      try {
        for (JsonNode post : JSON.readTree(message.value())) {
          long created = OffsetDateTime.parse(post.get("created_at").asText()).toInstant().toEpochMilli();
          for (String word : BETWEEN.split(post.get("text").asText().toLowerCase())) {
            if (!word.isEmpty()) {
              FOUND.incrementAndGet();
              context().forward(new Record<>(word, 1, created));
            }
          }
        }
      } catch (IOException error) {
        throw new UncheckedIOException(error);
      }
      READ.incrementAndGet();
    }
  }

  private static long processorNs() {
    return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getProcessCpuTime();
  }

  public static void main(String[] given) throws Exception {
    String brokers = given[0];
    String application = given[1];
    long messages = Long.parseLong(given[2]);
    String out = application + ".words";
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", brokers))) {
      admin.createTopics(List.of(new NewTopic(out, Optional.of(4), Optional.empty()))).all().get();
    }
    StreamsBuilder builder = new StreamsBuilder();
    builder
        .stream("posts", Consumed.with(Serdes.ByteArray(), Serdes.ByteArray()))
        .process(Splitter::new)
        .groupByKey(Grouped.with(Serdes.String(), Serdes.Integer()))
        // Partitions are not read in step, and a file of days is read in seconds: nothing may be late.
        .windowedBy(TimeWindows.ofSizeAndGrace(Duration.ofMinutes(1), Duration.ofDays(3650)))
        .aggregate(
            () -> 0L,
            (word, one, count) -> {
              COUNTED.incrementAndGet();
              return count + one;
            },
            Materialized.with(Serdes.String(), Serdes.Long()))
        .toStream((word, count) -> word.key() + "@" + word.window().start())
        .to(out, Produced.with(Serdes.String(), Serdes.Long()));
    Properties settings = new Properties();
    settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, brokers);
    settings.put(StreamsConfig.APPLICATION_ID_CONFIG, application);
    settings.put(StreamsConfig.STATE_DIR_CONFIG, Files.createTempDirectory("words").toString());
    settings.put(StreamsConfig.consumerPrefix(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG), "earliest");
    KafkaStreams streams = new KafkaStreams(builder.build(), settings);
    streams.start();
    while (READ.get() < messages || COUNTED.get() < FOUND.get()) {
      Thread.sleep(20);
    }
    streams.close();
    streams.cleanUp();
    System.out.println((processorNs() - began) / 1e9);
  }
}
