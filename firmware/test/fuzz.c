/* Fuzzing of the codec and the parsers: inputs are made from good ones by chance, from a seed, so that a run repeats
 * bit for bit; an input that reaches something new is kept and changed further. Findings are what AddressSanitizer,
 * UndefinedBehaviorSanitizer and the assertions below stop at.
 *
 *   fuzz EXECUTIONS [SEED [FOLDER]]     FOLDER: what was kept is written there
 *
 * The entry point is libFuzzer's: with clang, -fsanitize=fuzzer and -DIOTW_LIBFUZZER it drives the same targets. Both by
 * firmware/tools/fuzz.mjs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../core/bytes.h"
#include "broker.h"
#include "fake_hal.h"

#define LONGEST 4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need(int condition, const char *what) {
  if (condition) return;
  printf("not so: %s\n", what);
  fflush(stdout);
  abort();
}

/* --- Targets: the first byte says which, the second how the bytes are cut ----------------------------- */

/* The reader of packets: its events are those of a packet, and no chunk lies outside the bytes it was given. */
static void read_packets(const uint8_t *data, size_t size, size_t piece) {
  iotw_mqtt_reader reader;
  uint32_t payload = 0, whole = 0;
  size_t at;
  iotw_mqtt_start(&reader);
  for (at = 0; at < size; at += piece) {
    const uint8_t *bytes = data + at;
    size_t length = size - at < piece ? size - at : piece;
    iotw_mqtt_event event;
    while ((event = iotw_mqtt_read(&reader, &bytes, &length)) != IOTW_MQTT_MORE) {
      if (event == IOTW_MQTT_GARBAGE) return;
      if (event == IOTW_MQTT_PUBLISH) {
        payload = 0;
        whole = reader.payload_length;
        need(whole <= IOTW_MQTT_LONGEST && reader.topic_bytes <= IOTW_TOPIC_BYTES, "a publish within its bounds");
      }
      if (event == IOTW_MQTT_PAYLOAD) {
        need(reader.chunk >= data && reader.chunk + reader.chunk_length <= data + size, "a chunk within the bytes");
        payload += (uint32_t)reader.chunk_length;
      }
      if (event == IOTW_MQTT_PUBLISHED) need(payload == whole, "a payload as long as announced");
    }
    need(length == 0, "all bytes read");
  }
}

static void read_hello(const uint8_t *data, size_t size, size_t piece) {
  static iotw_keys keys;
  iotw_hello_reader reader;
  size_t at;
  iotw_hello_start(&reader, &keys);
  for (at = 0; at < size; at += piece)
    iotw_hello_add(&reader, &keys, broker_network, data + at, size - at < piece ? size - at : piece);
  if (iotw_hello_end(&reader, &keys) == 0)
    need(reader.hello.bits <= 512 && keys.lanes <= IOTW_LANES && keys.assigners <= IOTW_ASSIGNERS, "a hello in its bounds");
  else
    need(keys.lanes == 0 && keys.assigners == 0, "no keys of a bad hello");
}

/* The assignment's own length, or another one: data[0] says so. */
static void read_assignment(const uint8_t *data, size_t size, size_t piece) {
  static iotw_assignment assignment;
  size_t at;
  uint32_t total;
  if (size < 1) return;
  total = (uint32_t)(size - 1) + (data[0] < 16 ? data[0] : 0);
  iotw_assignment_start(&assignment, total);
  for (at = 1; at < size; at += piece)
    iotw_assignment_add(&assignment, data + at, size - at < piece ? size - at : piece);
  if (iotw_assignment_well_formed(&assignment))
    need(assignment.tree.count == iotw_get16(data + 1 + 78) && total == assignment.offset + 32u * assignment.tree.count,
         "as many ids as the header counts");
}

/* The memory: what it holds decides whether and as what the device begins. */
static void read_store(const uint8_t *data, size_t size) {
  static iotw_identity identity;
  iotw_broker broker;
  uint32_t boot, again;
  size_t split = size < 512 ? size : 512;
  fake_hal_reset();
  fake_hal_provision(broker_network, broker_device_seed, 41, 0);
  if (size > 0 && data[0] & 1) {
    memcpy(hal.area[0], data, split);
    if (iotw_load_identity(&identity, &broker) == IOTW_OK)
      need(strlen(broker.host) <= IOTW_HOST_BYTES, "a host name with its end");
    fake_hal_provision(broker_network, broker_device_seed, 41, 0);
  }
  if (iotw_load_identity(&identity, NULL) != IOTW_OK) return;
  if (size >= 17) memcpy(hal.area[1], data + 1, 16);
  if (size >= 33) memcpy(hal.area[2], data + 17, 16);
  if (iotw_next_boot(&identity, &boot) == IOTW_OK)
    need(iotw_next_boot(&identity, &again) != IOTW_OK || again > boot, "boot numbers that rise");
}

static iotw_device device;

/* What must hold of the device between two calls. */
static void check_device(void) {
  need(iotw_device_tick(&device) <= 60000, "a time to be called again");
  need(hal.open == (device.state >= IOTW_OPENING && device.state <= IOTW_ONLINE), "open as the state says");
  need(device.chain.counter == device.counts.attested, "one number for each attestation");
}

/* The whole device: connection after connection, with everything that a broker can say in them. 0xfe ends what the
 * broker says in a connection, and the connection, where the device has not ended it; 0xff lets time pass; the other
 * bytes are the broker's. */
static void run_device(const uint8_t *data, size_t size, size_t piece) {
  size_t at = 0;
  fake_hal_reset();
  fake_hal_provision(broker_network, broker_device_seed, 41, IOTW_FLAG_NUMBER);
  need(iotw_device_start(&device) == IOTW_OK, "a start");
  while (at < size) {
    size_t length = 0;
    check_device();
    if (device.state == IOTW_WAITING) {
      hal.now += device.wait_ms;
      check_device();
    }
    while (length < piece && at + length < size && data[at + length] < 0xfe) length++;
    if (length > 0) {
      if (device.state == IOTW_OPENING) iotw_device_opened(&device);
      if (hal.open) iotw_device_received(&device, data + at, length);
      at += length;
    } else {
      /* A connection that was not yet opened fails only where this is said twice: the first ended the one before. */
      int lost = data[at] == 0xfe && (device.state != IOTW_OPENING || (at > 0 && data[at - 1] == 0xfe));
      if (lost && hal.open) {
        hal.open = 0;
        iotw_device_closed(&device);
      }
      if (data[at] == 0xff) hal.now += at & 1 ? 20001 : 1;
      at++;
    }
  }
  check_device();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const uint16_t pieces[] = {1, 2, 3, 7, 32, 61, 536, 4096};
  /* The device's own target signs: it comes less often than the parsers. */
  static const uint8_t targets[] = {0, 0, 0, 0, 1, 1, 1, 1, 1, 2, 2, 2, 3, 4, 0, 1};
  size_t piece;
  if (size < 2) return 0;
  piece = pieces[data[1] & 7];
  switch (targets[data[0] & 15]) {
    case 0:
      read_packets(data + 2, size - 2, piece);
      break;
    case 1:
      read_hello(data + 2, size - 2, piece);
      break;
    case 2:
      read_assignment(data + 2, size - 2, piece);
      break;
    case 3:
      read_store(data + 2, size - 2);
      break;
    default:
      run_device(data + 2, size - 2, piece);
      break;
  }
  return 0;
}

#ifndef IOTW_LIBFUZZER

/* --- The driver ---------------------------------------------------------------------------------------- */

#define EDGES 65536u
#define CORPUS 2048u

/* Where the code has been: in this execution, and ever. */
static uint8_t now_seen[EDGES], ever_seen[EDGES];
static uint32_t touched[EDGES], touched_count;
static uintptr_t before;
static int watching;

typedef struct {
  uint8_t bytes[LONGEST];
  uint16_t length;
} input;

static input corpus[CORPUS];
static uint32_t corpus_count, edges;
static uint64_t chance;

void __sanitizer_cov_trace_pc(void);

/* Called at each branch of the instrumented code. */
__attribute__((no_sanitize_coverage, no_sanitize_address, no_sanitize_undefined)) void __sanitizer_cov_trace_pc(void) {
  uintptr_t here = (uintptr_t)__builtin_return_address(0) - (uintptr_t)&LLVMFuzzerTestOneInput;
  uint32_t edge;
  if (!watching) return;
  edge = (uint32_t)((here ^ before << 3) * 0x9e3779b1u >> 7) % EDGES;
  before = here;
  if (now_seen[edge] == 0) touched[touched_count++] = edge;
  if (now_seen[edge] < 255) now_seen[edge]++;
}

/* xorshift64* */
static uint32_t draw(uint32_t below) {
  chance ^= chance >> 12;
  chance ^= chance << 25;
  chance ^= chance >> 27;
  return (uint32_t)(((chance * 0x2545f4914f6cdd1dull) >> 32) % below);
}

/* How often, roughly: 1, 2, 3, 4-7, 8-31, more. */
static uint8_t bucket(uint8_t count) {
  if (count <= 3) return (uint8_t)(1u << (count - 1));
  return count < 8 ? 8 : count < 32 ? 16 : 32;
}

/* Runs one input; true if it reached something new. */
static int run(const input *in) {
  uint32_t i;
  int fresh = 0;
  touched_count = 0;
  before = 0;
  watching = 1;
  LLVMFuzzerTestOneInput(in->bytes, in->length);
  watching = 0;
  for (i = 0; i < touched_count; i++) {
    uint8_t seen = bucket(now_seen[touched[i]]);
    if ((ever_seen[touched[i]] & seen) == 0) {
      if (ever_seen[touched[i]] == 0) edges++;
      ever_seen[touched[i]] |= seen;
      fresh = 1;
    }
    now_seen[touched[i]] = 0;
  }
  return fresh;
}

static void insert(input *in, uint32_t at, const char *text) {
  size_t length = strlen(text);
  if (at > in->length || in->length + length > LONGEST) return;
  memmove(in->bytes + at + length, in->bytes + at, in->length - at);
  memcpy(in->bytes + at, text, length);
  in->length = (uint16_t)(in->length + length);
}

static void change(input *in) {
  static const uint8_t telling[] = {0, 1, 2, 0x20, 0x30, 0x32, 0x90, 0xd0, 0x7f, 0x80, 0xfe, 0xff, '"', '\\', '{', '}', '[', ']', ',', ':', '0', 'e'};
  static const char *const words[] = {"9", "513", "65536", "4294967296", "-", ".5e", "null", "\"\":", "\\u00", "[[[[", "{},", "\xff\xff\x7f"};
  uint32_t rounds = 1 + draw(4);
  while (rounds-- > 0) {
    uint32_t at = draw(in->length), length = 1 + draw(draw(4) == 0 ? 256 : 16);
    switch (draw(8)) {
      case 0:
        in->bytes[at] ^= (uint8_t)(1u << draw(8));
        break;
      case 1:
        in->bytes[at] = telling[draw(sizeof telling)];
        break;
      case 2:
        in->bytes[at] = (uint8_t)draw(256);
        break;
      case 3: /* cut out */
        if (at + length < in->length && in->length > 3) {
          memmove(in->bytes + at, in->bytes + at + length, in->length - at - length);
          in->length = (uint16_t)(in->length - length);
        }
        break;
      case 4: /* repeat a part */
        if (at + length < in->length && in->length + length <= LONGEST) {
          memmove(in->bytes + at + length, in->bytes + at, in->length - at);
          in->length = (uint16_t)(in->length + length);
        }
        break;
      case 5: { /* a part of another input */
        const input *other = &corpus[draw(corpus_count)];
        uint32_t from = draw(other->length);
        length = 1 + draw(200);
        if (length > other->length - from) length = other->length - from;
        if (at + length > LONGEST) length = LONGEST - at;
        memmove(in->bytes + at, other->bytes + from, length);
        if (at + length > in->length) in->length = (uint16_t)(at + length);
        break;
      }
      case 6: /* a number or a word where the next digit is */
        while (at < in->length && (in->bytes[at] < '0' || in->bytes[at] > '9')) at++;
        insert(in, at, words[draw(sizeof words / sizeof *words)]);
        break;
      default: /* end here */
        if (at >= 2) in->length = (uint16_t)at;
        break;
    }
  }
}

static void keep(uint8_t target, uint8_t cut, const void *bytes, size_t length) {
  input *in = &corpus[corpus_count++];
  need(length + 2 <= LONGEST, "an input that has room");
  in->bytes[0] = target;
  in->bytes[1] = cut;
  memcpy(in->bytes + 2, bytes, length);
  in->length = (uint16_t)(length + 2);
}

/* The next assignment none of whose bytes means something else to run_device. */
static size_t plain_assignment(uint8_t out[33010], broker_assignment *what) {
  size_t length, i;
  do {
    what->height++;
    length = broker_assign(out, what);
    for (i = 0; i < length && out[i] < 0xfe; i++) continue;
  } while (i < length);
  return length;
}

#define ASSIGNER "{\"role\":2,\"index\":0,\"key\":\"00000000000000000000000000000000000000000000000000000000000000cd\"}"

/* Good inputs to begin with; of assigners one more than there is room for. */
static void first_inputs(void) {
  static broker_stream stream;
  static uint8_t bytes[33011];
  broker_assignment what = {0};
  char topic[IOTW_TOPIC_BYTES];
  size_t length;
  uint32_t i;
  what.count = 3;
  what.device = 41;
  broker_topic(topic, "assign");
  broker_connack(&stream, 0);
  broker_suback(&stream, 1);
  broker_hello(&stream, 3,
               ",\"tickets\":{\"seed\":\"00000000000000000000000000000000000000000000000000000000000000ab\",\"bits\":1},"
               "\"announce\":true,\"assigners\":[" ASSIGNER "," ASSIGNER "," ASSIGNER "," ASSIGNER "],\"hosts\":[{\"trustNode\":1}]");
  keep(0, 7, stream.bytes, stream.length);
  keep(4, 7, stream.bytes, stream.length);
  length = stream.length;
  for (i = 0; i < length && stream.bytes[i] != '{'; i++) continue;
  keep(4, 0, stream.bytes + i, length - i);
  keep(5, 7, stream.bytes + i, length - i);
  /* The device ends that connection by itself; this byte belongs to none. */
  stream.bytes[stream.length++] = 0xfe;
  broker_connack(&stream, 0);
  broker_suback(&stream, 2);
  length = plain_assignment(bytes + 1, &what);
  bytes[0] = 200;
  keep(9, 7, bytes, length + 1);
  broker_publish(&stream, topic, bytes + 1, length, 0);
  length = plain_assignment(bytes + 1, &what);
  broker_publish(&stream, topic, bytes + 1, length, 1);
  keep(0, 3, stream.bytes, stream.length);
  /* Two connections: hello, then a login with two assignments. */
  keep(13, 7, stream.bytes, stream.length);
  keep(13, 4, stream.bytes, stream.length);
  memset(bytes, 0xff, 64);
  keep(12, 7, bytes, 64);
  for (i = 0; i < corpus_count; i++) {
    (void)run(&corpus[i]);
    if (corpus[i].bytes[0] == 13) need(device.counts.attested == 2, "a good session to begin with");
  }
}

static void write_kept(const char *folder) {
  char path[512];
  uint32_t i;
  for (i = 0; i < corpus_count; i++) {
    FILE *file;
    snprintf(path, sizeof path, "%s/%u", folder, (unsigned)i);
    file = fopen(path, "wb");
    need(file != NULL && fwrite(corpus[i].bytes, 1, corpus[i].length, file) == corpus[i].length && fclose(file) == 0,
         "a folder to write to");
  }
}

int main(int count, char **words) {
  static input in;
  unsigned long long executions = count > 1 ? strtoull(words[1], NULL, 10) : 200000, done;
  unsigned long long seed = count > 2 ? strtoull(words[2], NULL, 10) : 1;
  chance = seed * 0x9e3779b97f4a7c15ull + 1;
  first_inputs();
  for (done = 0; done < executions; done++) {
    in = corpus[draw(corpus_count)];
    change(&in);
    if (run(&in) && corpus_count < CORPUS) corpus[corpus_count++] = in;
  }
  if (count > 3) write_kept(words[3]);
  printf("%llu executions, seed %llu, %u inputs kept, %u edges, 0 findings\n", executions, seed, (unsigned)corpus_count,
         (unsigned)edges);
  return 0;
}

#endif
