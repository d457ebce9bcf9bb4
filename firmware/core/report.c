/* The device's report as SenML (RFC 8428). */
#include <string.h>

#include "bytes.h"
#include "device.h"

/* The records' names in their order: three of the device, then the members of iotw_counts. "-": not told. */
static const char names[] =
    "state\0boot\0counter\0"
    "assignments\0attested\0repeated\0-\0refused-malformed\0refused-lane\0refused-header-signature\0refused-root\0"
    "refused-counter\0refused-assigner\0refused-assigner-signature\0hello-refused\0garbage\0logins\0login-refused\0"
    "wrong-broker\0closed\0timeouts\0send-failed\0presences\0tickets\0tickets-lost";

typedef struct {
  char *out, *end;
} writer;

/* What there is no room for is left out; the writer is full then. */
static void put(writer *w, const char *text, size_t length) {
  if (w->out == NULL || length > (size_t)(w->end - w->out)) {
    w->out = NULL;
    return;
  }
  memcpy(w->out, text, length);
  w->out += length;
}

static void put_text(writer *w, const char *text) { put(w, text, iotw_text_length(text)); }

static void put_number(writer *w, uint32_t number) {
  char digits[10];
  unsigned at = sizeof digits;
  do {
    digits[--at] = (char)('0' + number % 10);
    number /= 10;
  } while (number > 0);
  put(w, digits + at, sizeof digits - at);
}

size_t iotw_device_report(const iotw_device *device, char *out, size_t room) {
  uint32_t values[3 + sizeof device->counts / sizeof(uint32_t)];
  const char *name = names;
  writer w = {out, out + room};
  unsigned i;
  values[0] = (uint32_t)device->state;
  values[1] = device->chain.boot;
  values[2] = device->chain.counter;
  memcpy(values + 3, &device->counts, sizeof device->counts);
  put_text(&w, "[{\"bn\":\"iotw:");
  put(&w, device->name, 16);
  put_text(&w, ":\"");
  for (i = 0; i < sizeof values / sizeof *values; i++, name += iotw_text_length(name) + 1) {
    if (*name == '-') continue;
    put_text(&w, i == 0 ? ",\"n\":\"" : "},{\"n\":\"");
    put_text(&w, name);
    put_text(&w, "\",\"v\":");
    put_number(&w, values[i]);
  }
  put_text(&w, "}]");
  return w.out == NULL ? 0 : (size_t)(w.out - out);
}
