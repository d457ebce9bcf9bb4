#include "json.h"

#include "bytes.h"

enum { VALUE, FIRST_ELEMENT, FIRST_KEY, KEY, COLON, NEXT, STRING, ESCAPE, LITERAL, WHOLE, BAD };

void iotw_json_start(iotw_json *json) {
  json->state = VALUE;
  json->depth = 0;
  json->arrays = 0;
  json->length = 0;
  json->too_long = 0;
}

int iotw_json_whole(const iotw_json *json) { return json->state == WHOLE; }

int iotw_json_in_array(const iotw_json *json) {
  return json->depth > 0 && (json->arrays >> (json->depth - 1) & 1);
}

static iotw_json_event bad(iotw_json *json) {
  json->state = BAD;
  return IOTW_JSON_BAD;
}

static void after_value(iotw_json *json) { json->state = json->depth == 0 ? WHOLE : NEXT; }

static void begin_token(iotw_json *json, uint8_t state) {
  json->state = state;
  json->length = 0;
  json->too_long = 0;
}

static void keep(iotw_json *json, uint8_t byte) {
  if (json->length < IOTW_JSON_TOKEN)
    json->token[json->length++] = (char)byte;
  else
    json->too_long = 1;
}

static iotw_json_event open_container(iotw_json *json, int array) {
  if (json->depth == IOTW_JSON_DEPTH) return bad(json);
  json->arrays &= ~(1u << json->depth);
  json->arrays |= (uint32_t)array << json->depth;
  json->depth++;
  json->state = array ? FIRST_ELEMENT : FIRST_KEY;
  return IOTW_JSON_OPEN;
}

static iotw_json_event close_container(iotw_json *json, int array) {
  if (json->depth == 0 || iotw_json_in_array(json) != array) return bad(json);
  json->depth--;
  after_value(json);
  return IOTW_JSON_CLOSE;
}

static int is_literal_byte(uint8_t byte) {
  return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') || byte == '-' || byte == '+' ||
         byte == '.' || byte == 'E';
}

static iotw_json_event begin_value(iotw_json *json, uint8_t byte) {
  if (byte == '{') return open_container(json, 0);
  if (byte == '[') return open_container(json, 1);
  if (byte == '"') {
    json->is_key = 0;
    begin_token(json, STRING);
    return IOTW_JSON_MORE;
  }
  if (!is_literal_byte(byte)) return bad(json);
  begin_token(json, LITERAL);
  keep(json, byte);
  return IOTW_JSON_MORE;
}

static iotw_json_event end_string(iotw_json *json) {
  if (json->too_long) json->length = 0;
  if (json->is_key) {
    json->state = COLON;
    return IOTW_JSON_KEY;
  }
  after_value(json);
  return IOTW_JSON_STRING;
}

/* A number is not looked at closely: what is used of it goes through iotw_json_u32. */
static iotw_json_event end_literal(iotw_json *json) {
  char first = json->token[0];
  if (json->too_long) json->length = 0;
  if (first != '-' && (first < '0' || first > '9') && !iotw_json_is(json, "true") &&
      !iotw_json_is(json, "false") && !iotw_json_is(json, "null"))
    return bad(json);
  after_value(json);
  return IOTW_JSON_LITERAL;
}

static iotw_json_event in_string(iotw_json *json, uint8_t byte) {
  if (byte == '"') return end_string(json);
  if (byte < 0x20) return bad(json);
  if (byte == '\\') {
    json->state = ESCAPE;
    json->hex_left = 0;
    json->too_long = 1;
    return IOTW_JSON_MORE;
  }
  keep(json, byte);
  return IOTW_JSON_MORE;
}

static iotw_json_event in_escape(iotw_json *json, uint8_t byte) {
  static const char simple[] = "\"\\/bfnrt";
  const char *at;
  if (json->hex_left > 0) {
    if (iotw_hex_digit((char)byte) < 0) return bad(json);
    if (--json->hex_left == 0) json->state = STRING;
    return IOTW_JSON_MORE;
  }
  if (byte == 'u') {
    json->hex_left = 4;
    return IOTW_JSON_MORE;
  }
  for (at = simple; *at != '\0'; at++)
    if ((uint8_t)*at == byte) {
      json->state = STRING;
      return IOTW_JSON_MORE;
    }
  return bad(json);
}

iotw_json_event iotw_json_add(iotw_json *json, uint8_t byte) {
  int space = byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
  if (json->state == STRING) return in_string(json, byte);
  if (json->state == ESCAPE) return in_escape(json, byte);
  if (json->state == LITERAL) {
    if (!is_literal_byte(byte)) return end_literal(json);
    keep(json, byte);
    return IOTW_JSON_MORE;
  }
  if (json->state == BAD) return IOTW_JSON_BAD;
  if (space) return IOTW_JSON_MORE;
  switch (json->state) {
    case FIRST_ELEMENT:
      if (byte == ']') return close_container(json, 1);
      return begin_value(json, byte);
    case VALUE:
      return begin_value(json, byte);
    case FIRST_KEY:
    case KEY:
      if (byte == '}' && json->state == FIRST_KEY) return close_container(json, 0);
      if (byte != '"') return bad(json);
      json->is_key = 1;
      begin_token(json, STRING);
      return IOTW_JSON_MORE;
    case COLON:
      if (byte != ':') return bad(json);
      json->state = VALUE;
      return IOTW_JSON_MORE;
    case NEXT:
      if (byte == ']') return close_container(json, 1);
      if (byte == '}') return close_container(json, 0);
      if (byte != ',') return bad(json);
      json->state = iotw_json_in_array(json) ? VALUE : KEY;
      return IOTW_JSON_MORE;
    default: /* WHOLE: nothing but space may follow */
      return bad(json);
  }
}

int iotw_json_u32(const iotw_json *json, uint32_t *value) {
  uint64_t sum = 0;
  unsigned i;
  if (json->length < 1 || json->length > 10 || (json->token[0] == '0' && json->length > 1)) return -1;
  for (i = 0; i < json->length; i++) {
    if (json->token[i] < '0' || json->token[i] > '9') return -1;
    sum = sum * 10 + (uint64_t)(json->token[i] - '0');
  }
  if (sum > UINT32_MAX) return -1;
  *value = (uint32_t)sum;
  return 0;
}

int iotw_json_hex(const iotw_json *json, uint8_t *out, unsigned length) {
  unsigned i;
  if (json->length != 2 * length) return -1;
  for (i = 0; i < length; i++) {
    int high = iotw_hex_digit(json->token[2 * i]);
    int low = iotw_hex_digit(json->token[2 * i + 1]);
    if (high < 0 || low < 0) return -1;
    out[i] = (uint8_t)(high << 4 | low);
  }
  return 0;
}

int iotw_json_is(const iotw_json *json, const char *text) {
  unsigned i;
  for (i = 0; i < json->length; i++)
    if (text[i] == '\0' || text[i] != json->token[i]) return 0;
  return text[i] == '\0';
}
