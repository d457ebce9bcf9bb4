#include "hello.h"

#include <string.h>

enum {
  OTHER,
  VERSION,
  NETWORK,
  TRUST_NODE,
  EPOCH,
  SESSION,
  LANE_KEYS,
  EPOCH_MS,
  ANNOUNCE,
  TICKETS,
  ASSIGNERS
};
#define REQUIRED (1u << VERSION | 1u << NETWORK | 1u << TRUST_NODE | 1u << EPOCH | 1u << SESSION | 1u << LANE_KEYS)
static const char *const FIELDS[] = {"",        "protocolVersion", "network",  "trustNode", "epoch",    "session",
                                     "laneKeys", "epochMs",        "announce", "tickets",   "assigners"};

enum { P_OTHER, P_SEED, P_BITS, P_ROLE, P_INDEX, P_KEY };
static const char *const PARTS[] = {"", "seed", "bits", "role", "index", "key"};

void iotw_hello_start(iotw_hello_reader *reader, iotw_keys *keys) {
  memset(reader, 0, sizeof *reader);
  iotw_json_start(&reader->json);
  keys->lanes = 0;
  keys->assigners = 0;
}

/* Where `key` is in a list of names, 0 if it is not. */
static uint8_t name_of(const iotw_json *json, const char *const *names, uint8_t count) {
  uint8_t i;
  for (i = 1; i < count; i++)
    if (iotw_json_is(json, names[i])) return i;
  return 0;
}

/* A value of the outermost object; `text`: it was a string. */
static void take_field(iotw_hello_reader *reader, const uint8_t network[32], int text) {
  const iotw_json *json = &reader->json;
  iotw_hello *hello = &reader->hello;
  uint8_t bytes[32];
  uint32_t number = 0;
  int is_number = !text && iotw_json_u32(json, &number) == 0;
  int well = 0;
  switch (reader->field) {
    case VERSION:
      well = is_number && number == 1;
      break;
    case NETWORK:
      well = text && iotw_json_hex(json, bytes, 32) == 0 && memcmp(bytes, network, 32) == 0;
      break;
    case TRUST_NODE:
      well = is_number && number <= UINT16_MAX;
      if (well) hello->trust_node = (uint16_t)number;
      break;
    case EPOCH:
      well = is_number;
      hello->epoch = number;
      break;
    case SESSION:
      well = text && iotw_json_hex(json, hello->session, 8) == 0;
      break;
    case EPOCH_MS:
      hello->epoch_ms = number;
      return;
    case ANNOUNCE:
      hello->announce = !text && iotw_json_is(json, "true");
      return;
    case OTHER:
      return;
    default: /* a list or an object was to come */
      reader->bad |= reader->field == LANE_KEYS;
      return;
  }
  if (well)
    reader->seen |= (uint16_t)(1u << reader->field);
  else
    reader->bad = 1;
}

/* An element of laneKeys: its place is the lane's number. */
static void take_lane_key(iotw_hello_reader *reader, iotw_keys *keys, int text) {
  uint8_t key[32];
  if (!text || iotw_json_hex(&reader->json, key, 32) != 0) {
    reader->bad = 1;
  } else if (keys->lanes < IOTW_LANES) {
    memcpy(keys->lane[keys->lanes++], key, 32);
  }
}

/* A member of the tickets or of an assigner. */
static void take_part(iotw_hello_reader *reader, iotw_keys *keys, int text) {
  const iotw_json *json = &reader->json;
  uint32_t number = 0;
  int is_number = !text && iotw_json_u32(json, &number) == 0;
  int well = 0;
  if (reader->field == TICKETS) {
    if (reader->part == P_SEED) well = text && iotw_json_hex(json, reader->hello.seed, 32) == 0;
    if (reader->part == P_BITS) well = is_number && number <= 512;
    if (reader->part == P_BITS && well) reader->hello.bits = (uint16_t)number;
  } else if (keys->assigners < IOTW_ASSIGNERS) {
    if (reader->part == P_ROLE) well = is_number && number <= UINT8_MAX;
    if (reader->part == P_ROLE && well) keys->assigner[keys->assigners].role = (uint8_t)number;
    if (reader->part == P_INDEX) well = is_number && number <= UINT16_MAX;
    if (reader->part == P_INDEX && well) keys->assigner[keys->assigners].index = (uint16_t)number;
    if (reader->part == P_KEY) well = text && iotw_json_hex(json, keys->assigner[keys->assigners].key, 32) == 0;
  }
  if (well) reader->parts |= (uint8_t)(1u << reader->part);
}

static void take_value(iotw_hello_reader *reader, iotw_keys *keys, const uint8_t network[32], int text) {
  uint8_t depth = reader->json.depth;
  int in_array = iotw_json_in_array(&reader->json);
  if (depth == 0) reader->bad = 1;
  if (depth == 1 && in_array) reader->bad = 1;
  if (depth == 1 && !in_array) take_field(reader, network, text);
  if (depth == 2 && in_array && reader->field == LANE_KEYS) take_lane_key(reader, keys, text);
  if (depth == 2 && !in_array && reader->field == LANE_KEYS) reader->bad = 1;
  if (depth == 2 && !in_array && reader->field == TICKETS) take_part(reader, keys, text);
  if (depth == 3 && !in_array && reader->field == ASSIGNERS) take_part(reader, keys, text);
}

static void opened(iotw_hello_reader *reader, iotw_keys *keys) {
  uint8_t depth = reader->json.depth;
  int array = iotw_json_in_array(&reader->json);
  reader->part = P_OTHER;
  if (depth == 1 && array) reader->bad = 1;
  if (depth == 2) {
    reader->parts = 0;
    if (reader->field == LANE_KEYS && array) {
      keys->lanes = 0;
      reader->seen |= 1u << LANE_KEYS;
    } else if (reader->field != OTHER && reader->field < EPOCH_MS) {
      reader->bad = 1; /* a required text or number is a container */
    }
    if (reader->field == ASSIGNERS) keys->assigners = 0;
    if (reader->field == TICKETS) reader->hello.tickets = 0;
  }
  if (depth == 3) {
    reader->parts = 0;
    if (reader->field == LANE_KEYS) reader->bad = 1;
  }
}

static void closed(iotw_hello_reader *reader, iotw_keys *keys) {
  uint8_t depth = reader->json.depth;
  if (depth == 1 && reader->field == TICKETS)
    reader->hello.tickets = reader->parts == (1u << P_SEED | 1u << P_BITS);
  if (depth == 2 && reader->field == ASSIGNERS && keys->assigners < IOTW_ASSIGNERS &&
      reader->parts == (1u << P_ROLE | 1u << P_INDEX | 1u << P_KEY))
    keys->assigners++;
}

void iotw_hello_add(iotw_hello_reader *reader, iotw_keys *keys, const uint8_t network[32], const uint8_t *bytes,
                    size_t length) {
  iotw_json *json = &reader->json;
  while (length > 0 && !reader->bad) {
    switch (iotw_json_add(json, *bytes)) {
      case IOTW_JSON_KEY:
        if (json->depth == 1) reader->field = name_of(json, FIELDS, sizeof FIELDS / sizeof *FIELDS);
        if (json->depth == 2 || json->depth == 3) reader->part = name_of(json, PARTS, sizeof PARTS / sizeof *PARTS);
        break;
      case IOTW_JSON_STRING:
        take_value(reader, keys, network, 1);
        break;
      case IOTW_JSON_LITERAL:
        take_value(reader, keys, network, 0);
        continue; /* the byte that ended it counts once more */
      case IOTW_JSON_OPEN:
        opened(reader, keys);
        break;
      case IOTW_JSON_CLOSE:
        closed(reader, keys);
        break;
      case IOTW_JSON_BAD:
        reader->bad = 1;
        break;
      default:
        break;
    }
    bytes++;
    length--;
  }
}

int iotw_hello_end(iotw_hello_reader *reader, iotw_keys *keys) {
  if (!reader->bad && iotw_json_whole(&reader->json) && (reader->seen & REQUIRED) == REQUIRED) return 0;
  keys->lanes = 0;
  keys->assigners = 0;
  return -1;
}
