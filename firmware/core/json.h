/* JSON (RFC 8259) read as its bytes arrive: no tree, one token at a time, nesting of at most IOTW_JSON_DEPTH.
 * Tokens longer than IOTW_JSON_TOKEN, and strings with escapes, are read over and handed out as empty. */
#ifndef IOTW_JSON_H
#define IOTW_JSON_H

#include <stdint.h>

#define IOTW_JSON_DEPTH 16
#define IOTW_JSON_TOKEN 64

typedef enum {
  IOTW_JSON_MORE,    /* the byte completed nothing */
  IOTW_JSON_KEY,     /* of an object's member; token */
  IOTW_JSON_STRING,  /* a value; token */
  IOTW_JSON_LITERAL, /* a number, true, false or null; token. The byte that ended it is looked at once more */
  IOTW_JSON_OPEN,    /* an object or array begins; depth counts it already */
  IOTW_JSON_CLOSE,   /* one ends; depth does not count it any more */
  IOTW_JSON_BAD      /* this is no JSON; for ever */
} iotw_json_event;

typedef struct {
  uint8_t state;
  uint8_t depth;
  uint8_t length;   /* of the token */
  uint8_t too_long; /* or with escapes */
  uint8_t hex_left; /* of an escape \uXXXX */
  uint8_t is_key;
  uint32_t arrays;  /* bit d: the container of depth d + 1 is an array */
  char token[IOTW_JSON_TOKEN];
} iotw_json;

void iotw_json_start(iotw_json *json);

/* Takes one byte. After IOTW_JSON_LITERAL the same byte is to be given again. */
iotw_json_event iotw_json_add(iotw_json *json, uint8_t byte);

/* True once one whole value has been read. */
int iotw_json_whole(const iotw_json *json);

/* True if the innermost open container is an array. */
int iotw_json_in_array(const iotw_json *json);

/* The token as an integer from 0 to 2^32 - 1. 0 if it is one, written as JSON writes it. */
int iotw_json_u32(const iotw_json *json, uint32_t *value);

/* The token as `length` bytes in hex. 0 if it is that. */
int iotw_json_hex(const iotw_json *json, uint8_t *out, unsigned length);

/* True if the token is `text`. */
int iotw_json_is(const iotw_json *json, const char *text);

#endif
