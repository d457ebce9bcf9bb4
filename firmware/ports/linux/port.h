/* The Linux port: sockets, a file as durable memory, one thread. */
#ifndef IOTW_LINUX_PORT_H
#define IOTW_LINUX_PORT_H

#include <sys/select.h>

#include "../../core/device.h"

/* Opens the file that holds the store image (core/store.h). 0 if it could. */
int store_open(const char *path);

/* Which broker hal_open connects to. */
void socket_use(const iotw_broker *broker);

/* Adds what the socket waits for to the sets; gives back the highest descriptor + 1. */
int socket_wait_for(fd_set *readable, fd_set *writable);

/* Does what has become possible and tells the device. */
void socket_serve(iotw_device *device, const fd_set *readable, const fd_set *writable);

#endif
