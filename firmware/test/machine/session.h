/* A device, a broker of the test's own, and the steps of a session between them. */
#ifndef IOTW_TEST_MACHINE_SESSION_H
#define IOTW_TEST_MACHINE_SESSION_H

#include "../broker.h"

extern iotw_device device;
/* What the broker says next. */
extern broker_stream stream;
/* Room for the longest assignment and one byte more. */
extern uint8_t assignment[33010];

/* Lets time go on until the device has asked for a connection; false if it does not within two minutes. */
int until_open(void);
/* The broker says what is in the stream, in pieces; the stream is empty afterwards. */
void say(size_t piece);
/* A device fresh from its maker, started; the broker has said nothing. */
void begin(uint8_t flags);
/* Its connection as nobody, which reads hello (with these fields more). */
void ask_for_hello(const char *more, size_t piece);
/* Its connection as itself, up to hello. */
void log_in(const char *more, size_t piece);
/* begin, ask_for_hello, log_in. */
void online(const char *more);
/* To a topic of the device's. */
void publish(const char *leaf, const uint8_t *payload, size_t length, size_t piece);
/* An assignment that the device answers. */
broker_assignment usual(uint32_t height);
/* Hands out an assignment; the device's answer, or NULL. */
const broker_packet *assign(const broker_assignment *what, size_t piece);
int refused_with(const broker_packet *packet, uint8_t code);
int attested_as(const broker_packet *packet, uint32_t boot, uint32_t counter);

#endif
