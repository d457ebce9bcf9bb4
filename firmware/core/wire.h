/* The device's end of its connection: topics, sending, ending. Between device.c and mqtt.c. */
#ifndef IOTW_WIRE_H
#define IOTW_WIRE_H

#include "device.h"

/* Milliseconds from `then` to now. */
uint32_t iotw_since(uint32_t then);

/* "iotw/v1/N/D/leaf" */
void iotw_own_topic(const iotw_device *device, char topic[IOTW_TOPIC_BYTES], const char *leaf);

/* "iotw/v1/N/hello" */
void iotw_hello_topic(const iotw_device *device, char topic[IOTW_TOPIC_BYTES]);

/* Sends a packet, or a part of one. Where that fails, or `length` is 0, the connection is ended. */
int iotw_send(iotw_device *device, const uint8_t *bytes, size_t length);

/* Publishes on one of the device's topics; ends the connection where that fails. */
int iotw_publish(iotw_device *device, const char *leaf, const uint8_t *bytes, size_t length);

/* The connection has ended: begins the wait for the next attempt. */
void iotw_rest(iotw_device *device);

/* Ends the connection from this side, and says why. */
void iotw_drop(iotw_device *device, const char *why);
void iotw_drop_garbage(iotw_device *device);

#endif
