#include "device.h"

#include <string.h>

#include "../hal/hal.h"
#include "backoff.h"
#include "bytes.h"
#include "statements.h"
#include "wire.h"

/* iotw_device.have_hello. */
enum { NO_HELLO, HELLO_READ, HELLO_USED };

/* What a payload is for: iotw_device.delivery. */
enum { TO_NOBODY, TO_HELLO, TO_ASSIGN, TO_NUMBER };

/* --- Being there: the token behind an external broker, the presence ticket, the election ticket -- */

static void attend(iotw_device *device, uint32_t delay_ms) {
  uint8_t token[IOTW_TOKEN_BYTES];
  const iotw_hello *hello = &device->hello.hello;
  device->presence_due = 1;
  device->presence_at = hal_now() + delay_ms;
  if (!hello->announce) return;
  iotw_login_token(token, &device->identity, hello->trust_node, hello->epoch);
  iotw_publish(device, "status", token, sizeof token);
}

static void say_present(iotw_device *device) {
  uint8_t status[IOTW_TICKET_BYTES];
  const iotw_hello *hello = &device->hello.hello;
  const iotw_identity *identity = &device->identity;
  device->presence_due = 0;
  iotw_presence(status, identity, identity->number, hello->epoch, hello->trust_node);
  if (iotw_publish(device, "status", status, IOTW_PRESENCE_BYTES) != 0) return;
  device->counts.presences++;
  if (!hello->tickets) return;
  hal_yield();
  if (iotw_ticket(status, identity, identity->number, hello->epoch, hello->seed, hello->bits) != 0) {
    device->counts.tickets_lost++;
  } else if (iotw_publish(device, "status", status, IOTW_TICKET_BYTES) == 0) {
    device->counts.tickets++;
  }
}

/* --- The steps of a login --------------------------------------------------------------------- */

static void connect_as(iotw_device *device, iotw_mqtt_connect *connect) {
  uint8_t packet[IOTW_PACKET];
  connect->keepalive_s = IOTW_KEEPALIVE_S;
  iotw_send(device, packet, iotw_mqtt_write_connect(packet, sizeof packet, connect));
}

/* A device reads hello under another client id than its own, so as not to end a login that lives. */
static void connect_to_ask(iotw_device *device) {
  char client_id[23] = "hello-";
  iotw_mqtt_connect connect = {0};
  memcpy(client_id + 6, device->name, 16);
  client_id[22] = '\0';
  connect.client_id = client_id;
  connect.user_name = "hello";
  device->state = IOTW_ASKING;
  connect_as(device, &connect);
}

static void connect_to_log_in(iotw_device *device) {
  uint8_t token[IOTW_TOKEN_BYTES];
  char will[IOTW_TOPIC_BYTES];
  iotw_mqtt_connect connect = {0};
  iotw_login_token(token, &device->identity, device->hello.hello.trust_node, device->hello.hello.epoch);
  iotw_own_topic(device, will, "status");
  connect.client_id = device->name;
  connect.user_name = device->name;
  connect.password = token;
  connect.password_length = sizeof token;
  connect.will_topic = will;
  device->state = IOTW_LOGGING_IN;
  device->have_hello = HELLO_USED;
  connect_as(device, &connect);
}

/* Whether its number was not given to it: then it asks at each login, and takes the newest answer. */
static int asks_number(const iotw_device *device) {
  return (device->identity.flags & IOTW_FLAG_NUMBER) == 0 || (device->identity.flags & IOTW_FLAG_TOLD) != 0;
}

static void on_connack(iotw_device *device, uint8_t code) {
  uint8_t packet[IOTW_PACKET];
  char assign[IOTW_TOPIC_BYTES], hello[IOTW_TOPIC_BYTES], number[IOTW_TOPIC_BYTES];
  const char *const topics[] = {hello, assign, number};
  unsigned count = 1;
  if (device->accepted) {
    iotw_drop_garbage(device);
    return;
  }
  if (code != 0) {
    device->counts.login_refused++;
    device->have_hello = NO_HELLO;
    iotw_drop(device, "closed: the broker refused the login");
    return;
  }
  device->accepted = 1;
  device->since = hal_now();
  iotw_own_topic(device, assign, "assign");
  iotw_hello_topic(device, hello);
  iotw_own_topic(device, number, "number");
  if (device->state == IOTW_LOGGING_IN) count = asks_number(device) ? 3 : 2;
  iotw_send(device, packet, iotw_mqtt_write_subscribe(packet, sizeof packet, 1, topics, count));
}

static void on_suback(iotw_device *device, uint8_t code) {
  if (!device->accepted || code == 0x80 || device->state == IOTW_ONLINE) {
    iotw_drop_garbage(device);
    return;
  }
  device->since = hal_now();
  if (device->state != IOTW_LOGGING_IN) return;
  if (asks_number(device)) device->identity.flags &= (uint8_t)~IOTW_FLAG_NUMBER;
  device->state = IOTW_ONLINE;
  device->counts.logins++;
  hal_log("online");
  attend(device, 0);
}

/* --- What was published to the device ---------------------------------------------------------- */

static int is_topic(const iotw_mqtt_reader *mqtt, const char *topic) {
  size_t length = iotw_text_length(topic);
  return mqtt->topic_bytes == length && memcmp(mqtt->topic, topic, length) == 0;
}

static void on_publish(iotw_device *device) {
  char topic[IOTW_TOPIC_BYTES];
  device->delivery = TO_NOBODY;
  if (!device->accepted) {
    iotw_drop_garbage(device);
    return;
  }
  iotw_hello_topic(device, topic);
  if (is_topic(&device->mqtt, topic)) {
    device->delivery = TO_HELLO;
    device->before = device->hello.hello;
    device->have_hello = NO_HELLO;
    iotw_hello_start(&device->hello, &device->keys);
    return;
  }
  iotw_own_topic(device, topic, "assign");
  if (device->state != IOTW_ASKING && is_topic(&device->mqtt, topic)) {
    device->delivery = TO_ASSIGN;
    iotw_assignment_start(&device->assignment, device->mqtt.payload_length);
  }
  iotw_own_topic(device, topic, "number");
  if (device->mqtt.payload_length == 4 && asks_number(device) && is_topic(&device->mqtt, topic)) {
    device->delivery = TO_NUMBER;
    device->identity.flags &= (uint8_t)~IOTW_FLAG_NUMBER;
  }
}

static void on_hello(iotw_device *device) {
  const iotw_hello *hello = &device->hello.hello;
  if (iotw_hello_end(&device->hello, &device->keys) != 0) {
    device->counts.hello_refused++;
    iotw_drop(device, "closed: hello is malformed or of another network");
    return;
  }
  device->have_hello = device->state == IOTW_ASKING ? HELLO_READ : HELLO_USED;
  device->hello_at = hal_now();
  if (device->state == IOTW_ASKING) {
    uint8_t packet[2];
    if (iotw_send(device, packet, iotw_mqtt_write_disconnect(packet, sizeof packet)) != 0) return;
    hal_close();
    device->state = IOTW_WAITING;
    device->since = hal_now();
    device->wait_ms = 0;
    device->accepted = 0;
    return;
  }
  /* What a login told once is told again by each subscription: only what is new calls for a ticket. */
  if (device->state != IOTW_ONLINE) return;
  if (hello->epoch != device->before.epoch || memcmp(hello->session, device->before.session, 8) != 0)
    attend(device, iotw_presence_delay(&device->identity, hello->epoch, hello->epoch_ms));
}

static void on_assignment(iotw_device *device) {
  uint8_t result[IOTW_RESULT_BYTES], repeated;
  uint8_t length = iotw_answer_assignment(&device->chain, &device->identity, &device->keys, &device->assignment,
                                          result, &repeated);
  device->counts.assignments++;
  if (length == 2) {
    device->counts.refused[result[1]]++;
  } else if (repeated) {
    device->counts.repeated++;
  } else {
    device->counts.attested++;
    if (!(device->identity.flags & IOTW_FLAG_NUMBER)) {
      device->identity.number = iotw_get32(device->assignment.fixed + 167);
      device->identity.flags |= IOTW_FLAG_NUMBER | IOTW_FLAG_TOLD;
    }
  }
  iotw_publish(device, "result", result, length);
}

static void on_published(iotw_device *device) {
  uint8_t packet[4], delivery = device->delivery;
  device->delivery = TO_NOBODY;
  if (device->mqtt.packet != 0 &&
      iotw_send(device, packet, iotw_mqtt_write_puback(packet, sizeof packet, device->mqtt.packet)) != 0)
    return;
  if (delivery == TO_HELLO) on_hello(device);
  if (delivery == TO_ASSIGN) on_assignment(device);
  if (delivery == TO_NUMBER) device->identity.flags |= IOTW_FLAG_NUMBER | IOTW_FLAG_TOLD;
}

static void on_payload(iotw_device *device) {
  const uint8_t *chunk = device->mqtt.chunk;
  size_t length = device->mqtt.chunk_length;
  if (device->delivery == TO_HELLO)
    iotw_hello_add(&device->hello, &device->keys, device->identity.network, chunk, length);
  if (device->delivery == TO_ASSIGN) iotw_assignment_add(&device->assignment, chunk, length);
  while (device->delivery == TO_NUMBER && length-- > 0)
    device->identity.number = device->identity.number >> 8 | (uint32_t)*chunk++ << 24;
}

/* --- What the port calls ------------------------------------------------------------------------ */

int iotw_device_start(iotw_device *device) {
  uint32_t boot;
  int failed;
  memset(device, 0, sizeof *device);
  device->state = IOTW_STOPPED;
  failed = iotw_load_identity(&device->identity, NULL);
  if (failed) return failed;
  failed = iotw_next_boot(&device->identity, &boot);
  if (failed) return failed;
  iotw_chain_start(&device->chain, &device->identity, boot);
  memcpy(device->prefix, "iotw/v1/", 8);
  iotw_hex(device->prefix + 8, device->identity.network, 8);
  device->prefix[24] = '/';
  iotw_hex(device->name, device->identity.key, 32);
  device->state = IOTW_WAITING;
  device->since = hal_now();
  device->wait_ms = iotw_backoff_ms(0);
  return IOTW_OK;
}

void iotw_device_opened(iotw_device *device) {
  const iotw_hello *hello = &device->hello.hello;
  if (device->state != IOTW_OPENING) return;
  iotw_mqtt_start(&device->mqtt);
  device->since = device->heard_at = hal_now();
  /* A hello that has served one login may name an epoch that is over: it is read again rather than have the next
   * login refused. */
  if (device->have_hello == HELLO_USED && hello->epoch_ms != 0 && iotw_since(device->hello_at) >= hello->epoch_ms)
    device->have_hello = NO_HELLO;
  if (device->have_hello != NO_HELLO)
    connect_to_log_in(device);
  else
    connect_to_ask(device);
}

void iotw_device_received(iotw_device *device, const uint8_t *bytes, size_t length) {
  device->heard_at = hal_now();
  device->ping_waits = 0;
  while (device->state >= IOTW_ASKING && device->state <= IOTW_ONLINE) {
    switch (iotw_mqtt_read(&device->mqtt, &bytes, &length)) {
      case IOTW_MQTT_CONNACK:
        on_connack(device, device->mqtt.code);
        break;
      case IOTW_MQTT_SUBACK:
        on_suback(device, device->mqtt.code);
        break;
      case IOTW_MQTT_PUBLISH:
        on_publish(device);
        break;
      case IOTW_MQTT_PAYLOAD:
        on_payload(device);
        break;
      case IOTW_MQTT_PUBLISHED:
        on_published(device);
        break;
      case IOTW_MQTT_PONG:
        break;
      case IOTW_MQTT_GARBAGE:
        iotw_drop_garbage(device);
        break;
      case IOTW_MQTT_MORE:
        return;
    }
  }
}

void iotw_device_closed(iotw_device *device) {
  if (device->state < IOTW_OPENING || device->state > IOTW_ONLINE) return;
  hal_log("closed: the connection was lost");
  iotw_rest(device);
}

void iotw_device_wrong_broker(iotw_device *device) {
  if (device->state < IOTW_OPENING || device->state > IOTW_ONLINE) return;
  device->counts.wrong_broker++;
  hal_log("closed: the broker's key is not the pinned one");
  iotw_rest(device);
}

/* The smaller of `least` and what is left of `whole` ms that began at `then`. */
static uint32_t left(uint32_t least, uint32_t then, uint32_t whole) {
  uint32_t gone = iotw_since(then);
  uint32_t rest_ms = gone < whole ? whole - gone : 0;
  return rest_ms < least ? rest_ms : least;
}

/* A presence ticket waits for its time. Not while a hello is being read, nor before the device knows its number. */
static int presence_waits(const iotw_device *device) {
  return device->presence_due && device->have_hello != NO_HELLO && (device->identity.flags & IOTW_FLAG_NUMBER);
}

static void tick_online(iotw_device *device) {
  uint8_t packet[2];
  if (presence_waits(device) && (int32_t)(hal_now() - device->presence_at) >= 0) say_present(device);
  if (device->state != IOTW_ONLINE) return;
  if (device->ping_waits) {
    if (iotw_since(device->sent_at) < IOTW_STEP_MS) return;
    device->counts.timeouts++;
    iotw_drop(device, "closed: the broker is silent");
  } else if (iotw_since(device->sent_at) >= IOTW_KEEPALIVE_S * 500u || iotw_since(device->heard_at) >= IOTW_KEEPALIVE_S * 500u) {
    if (iotw_send(device, packet, iotw_mqtt_write_ping(packet, sizeof packet)) == 0) device->ping_waits = 1;
  }
}

uint32_t iotw_device_tick(iotw_device *device) {
  uint32_t next = 60000;
  if (device->state == IOTW_WAITING && iotw_since(device->since) >= device->wait_ms) {
    device->state = IOTW_OPENING;
    device->since = hal_now();
    hal_open();
  } else if (device->state == IOTW_ONLINE) {
    tick_online(device);
  } else if (device->state != IOTW_WAITING && device->state != IOTW_STOPPED &&
             iotw_since(device->since) >= IOTW_STEP_MS) {
    device->counts.timeouts++;
    iotw_drop(device, "closed: the broker does not answer");
  }
  switch (device->state) {
    case IOTW_STOPPED:
      return next;
    case IOTW_WAITING:
      return left(next, device->since, device->wait_ms);
    case IOTW_ONLINE:
      if (presence_waits(device)) {
        int32_t until = (int32_t)(device->presence_at - hal_now());
        if (until < (int32_t)next) next = until < 0 ? 0 : (uint32_t)until;
      }
      if (device->ping_waits) return left(next, device->sent_at, IOTW_STEP_MS);
      next = left(next, device->sent_at, IOTW_KEEPALIVE_S * 500u);
      return left(next, device->heard_at, IOTW_KEEPALIVE_S * 500u);
    default:
      return left(next, device->since, IOTW_STEP_MS);
  }
}

void iotw_device_stop(iotw_device *device) {
  static const uint8_t offline[1] = {0};
  uint8_t packet[2];
  if (device->state == IOTW_ONLINE) iotw_publish(device, "status", offline, sizeof offline);
  if (device->state == IOTW_ONLINE)
    iotw_send(device, packet, iotw_mqtt_write_disconnect(packet, sizeof packet));
  if (device->state >= IOTW_OPENING && device->state <= IOTW_ONLINE) hal_close();
  device->state = IOTW_STOPPED;
}

int iotw_device_telemetry(iotw_device *device, const char *pack, size_t length) {
  if (device->state != IOTW_ONLINE || !(device->identity.flags & IOTW_FLAG_TELEMETRY) || length > 16000) return -1;
  return iotw_publish(device, "telemetry", (const uint8_t *)pack, length);
}
