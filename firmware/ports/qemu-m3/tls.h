/* TLS 1.2 between the core and a stream of bytes. */
#ifndef IOTW_TLS_H
#define IOTW_TLS_H

#include <stddef.h>
#include <stdint.h>

typedef enum { TLS_SHAKING, TLS_OPEN, TLS_ENDED } tls_state;

/* Begins a handshake with the broker whose key has this pin (clause 11.9). 0, or the random source has failed. */
int tls_begin(const uint8_t pin[32]);

tls_state tls_now(void);

/* Bytes that came: how many were taken, 0 where something must be read or sent first. */
size_t tls_take(const uint8_t *bytes, size_t length);

/* What was deciphered: up to `room` bytes. */
size_t tls_read(uint8_t *to, size_t room);

/* Takes all of it, or less where tls_send must first be emptied. */
size_t tls_write(const uint8_t *bytes, size_t length);

/* What is to go out, and that `length` of it went. */
const uint8_t *tls_send(size_t *length);
void tls_sent(size_t length);

/* Whether it ended because the other side did not show the pinned key, or not that it holds it. */
int tls_wrong_key(void);

#endif
