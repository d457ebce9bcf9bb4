/* What the core asks of a chip or an operating system. A port defines these functions and calls the functions of
 * core/device.h. One image is one device; all calls come from the one task that runs it, none from an interrupt. */
#ifndef IOTW_HAL_H
#define IOTW_HAL_H

#include <stddef.h>
#include <stdint.h>

/* Milliseconds of a clock that only runs forward; it may start anywhere and wraps after 2^32. */
uint32_t hal_now(void);

/* Bytes that nobody can foresee. They spread reconnects over time and make TLS safe; keys and signatures need none.
 * Returns 0, or another value where the source has failed. */
int hal_random(uint8_t *bytes, size_t length);

/* Begins to open the connection to the broker (for TLS: until its handshake is done) and returns at once. The port
 * then calls iotw_device_opened, or iotw_device_closed where it failed. */
void hal_open(void);

/* Takes all `length` bytes for the open connection, or returns another value than 0; then the core closes it. The
 * longest single call has IOTW_PACKET (core/config.h) bytes. */
int hal_send(const uint8_t *bytes, size_t length);

/* Ends the connection or its opening, after what was sent before. After it the port reports nothing of this
 * connection any more, and hal_open may follow at once. */
void hal_close(void);

/* Durable memory: areas of IOTW_AREA_BYTES each (core/store.h says what is in them). On flash an area is at least
 * one erasable sector of its own. */
enum { IOTW_AREA_IDENTITY = 0, IOTW_AREA_BOOT_A = 1, IOTW_AREA_BOOT_B = 2, IOTW_AREAS = 3 };

/* Reads the first `length` bytes of an area. 0 if it could. */
int hal_load(uint8_t area, uint8_t *bytes, size_t length);

/* Replaces the beginning of an area, and returns 0 once it would survive a power loss. If power goes while it runs,
 * this area may hold anything afterwards, the other areas what they held before. */
int hal_store(uint8_t area, const uint8_t *bytes, size_t length);

/* One line for people, without line end. May do nothing. */
void hal_log(const char *line);

/* Called between the parts of long work, at the latest after one operation of crypto.h: feed the watchdog, let the
 * radio run. It must not call back into the core. */
void hal_yield(void);

#endif
