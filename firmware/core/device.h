/* The whole device as a machine: the port tells it what happened, it calls the functions of hal.h.
 *
 *   iotw_device_start, then for ever: wait until something arrives or the time that iotw_device_tick gave is over.
 *
 * No function blocks, none allocates, all memory is in iotw_device. */
#ifndef IOTW_DEVICE_H
#define IOTW_DEVICE_H

#include "answer.h"
#include "assignment.h"
#include "config.h"
#include "hello.h"
#include "mqtt.h"
#include "store.h"

/* What a device has done and refused since its start. Reported by iotw_device_report. */
typedef struct {
  uint32_t assignments;   /* received whole */
  uint32_t attested;      /* answered with a new attestation */
  uint32_t repeated;      /* answered with the bytes of before */
  uint32_t refused[8];    /* by refusal code (11.4); [0] is not used */
  uint32_t hello_refused; /* malformed, of another protocol version or of another network */
  uint32_t garbage;       /* connections ended because what came was no MQTT 3.1.1, or not what was asked for */
  uint32_t logins;        /* accepted */
  uint32_t login_refused; /* by the broker */
  uint32_t wrong_broker;  /* connections whose other side did not show the pinned key */
  uint32_t closed;        /* connections lost or ended, for whatever reason */
  uint32_t timeouts;      /* of them: the broker did not answer in time */
  uint32_t send_failed;   /* of them: the port could not take what was to be sent */
  uint32_t presences;     /* presence tickets sent */
  uint32_t tickets;       /* election tickets sent */
  uint32_t tickets_lost;  /* proved, but not a winning one */
} iotw_counts;

typedef enum {
  IOTW_WAITING, /* between two attempts */
  IOTW_OPENING, /* the port opens the connection */
  IOTW_ASKING,  /* connected as `hello`, to read the hello message */
  IOTW_LOGGING_IN,
  IOTW_ONLINE,
  IOTW_STOPPED
} iotw_state;

typedef struct {
  iotw_identity identity;
  iotw_keys keys;
  iotw_hello_reader hello;
  iotw_hello before; /* the hello before the one being read */
  iotw_mqtt_reader mqtt;
  iotw_assignment assignment;
  iotw_chain chain;
  iotw_counts counts;
  char prefix[26];      /* "iotw/v1/N/" */
  char name[65];        /* the key as hex */
  iotw_state state;
  uint8_t accepted;     /* the broker has accepted the CONNECT of this connection */
  uint8_t have_hello;   /* one of this network to log in with, and whether it has served a login */
  uint8_t failures;     /* attempts in vain in a row */
  uint8_t ping_waits;   /* for its answer */
  uint8_t presence_due;
  uint8_t delivery;     /* what the payload that is being read is for */
  uint32_t since;       /* of the state, or of its last step */
  uint32_t wait_ms;     /* from then on, in IOTW_WAITING */
  uint32_t heard_at, sent_at, hello_at, presence_at;
} iotw_device;

/* After each of the following functions the port asks iotw_device_tick for the time until the next call. */

/* Loads the identity, raises the boot counter, and has the first connection opened by the next iotw_device_tick.
 * IOTW_OK, or why the device must not run (store.h). */
int iotw_device_start(iotw_device *device);

/* The connection that hal_open began is open. */
void iotw_device_opened(iotw_device *device);

/* Bytes of the broker, cut wherever the network cut them. */
void iotw_device_received(iotw_device *device, const uint8_t *bytes, size_t length);

/* The connection, or its opening, has ended without hal_close. */
void iotw_device_closed(iotw_device *device);

/* The same, because the other side did not show the key that is pinned. */
void iotw_device_wrong_broker(iotw_device *device);

/* Does what is due by hal_now() and tells in how many ms it wants to be called again, at the latest. */
uint32_t iotw_device_tick(iotw_device *device);

/* Says goodbye and closes; the device does nothing more until the next start. */
void iotw_device_stop(iotw_device *device);

#define IOTW_REPORT_BYTES 1024

/* The counts and the state as a SenML pack (RFC 8428, JSON) without terminator. Returns its length, 0 if `room`
 * bytes are not enough; IOTW_REPORT_BYTES always are. */
size_t iotw_device_report(const iotw_device *device, char *out, size_t room);

/* Publishes a SenML pack on the topic `telemetry`. 0 if it was sent; otherwise the device is not online, the owner
 * has not consented, or the pack is longer than the 16,000 bytes that a trust node takes. */
int iotw_device_telemetry(iotw_device *device, const char *pack, size_t length);

#endif
