/* One TCP connection to the broker, with TLS or without. */
#ifndef IOTW_CONNECTION_H
#define IOTW_CONNECTION_H

#include <stddef.h>
#include <stdint.h>

#include "device.h"

/* Whose connection it is, and where to. The broker's host is an IPv4 address. -1: it is no address, or its key is
 * pinned and this image has no TLS, or the other way round. */
int connection_start(iotw_device *device, const iotw_broker *broker);

/* Hands on what has arrived and what has happened. */
void connection_poll(void);

#endif
