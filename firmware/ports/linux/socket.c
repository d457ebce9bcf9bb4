/* One TCP connection, never blocking but for the name of the broker. */
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../../hal/hal.h"
#include "port.h"

/* More than a device ever has to say at once; a broker that takes nothing is closed when it is full. */
static uint8_t waiting[32768];
static size_t waiting_bytes;

static iotw_broker broker;
static int fd = -1;
static enum { CLOSED, FAILED, CONNECTING, OPEN } state = CLOSED;

void socket_use(const iotw_broker *which) { broker = *which; }

static int connect_to(const struct addrinfo *address) {
  int on = 1;
  fd = socket(address->ai_family, SOCK_STREAM, 0);
  if (fd < 0 || fd >= FD_SETSIZE || fcntl(fd, F_SETFL, O_NONBLOCK) != 0 || fcntl(fd, F_SETFD, FD_CLOEXEC) != 0)
    return -1;
  (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return connect(fd, address->ai_addr, address->ai_addrlen) == 0 || errno == EINPROGRESS ? 0 : -1;
}

void hal_open(void) {
  struct addrinfo hints, *list = NULL;
  char service[6];
  memset(&hints, 0, sizeof hints);
  hints.ai_socktype = SOCK_STREAM;
  snprintf(service, sizeof service, "%u", (unsigned)broker.port);
  waiting_bytes = 0;
  /* A failure is told from the loop, not from within the core. */
  state = FAILED;
  if (getaddrinfo(broker.host, service, &hints, &list) == 0 && list != NULL && connect_to(list) == 0)
    state = CONNECTING;
  if (list != NULL) freeaddrinfo(list);
}

void hal_close(void) {
  if (state == OPEN && waiting_bytes > 0) (void)!send(fd, waiting, waiting_bytes, MSG_NOSIGNAL);
  if (fd >= 0) close(fd);
  fd = -1;
  state = CLOSED;
}

/* Writes what waits; -1 if the connection is gone. */
static int flush(void) {
  ssize_t put = send(fd, waiting, waiting_bytes, MSG_NOSIGNAL);
  if (put < 0) return errno == EAGAIN || errno == EINTR ? 0 : -1;
  waiting_bytes -= (size_t)put;
  memmove(waiting, waiting + put, waiting_bytes);
  return 0;
}

int hal_send(const uint8_t *bytes, size_t length) {
  if (state != OPEN || length > sizeof waiting - waiting_bytes) return -1;
  memcpy(waiting + waiting_bytes, bytes, length);
  waiting_bytes += length;
  return flush();
}

int socket_wait_for(fd_set *readable, fd_set *writable) {
  if (fd < 0) return 0;
  FD_SET(fd, readable);
  if (state == CONNECTING || waiting_bytes > 0) FD_SET(fd, writable);
  return fd + 1;
}

static void lost(iotw_device *device) {
  hal_close();
  iotw_device_closed(device);
}

void socket_serve(iotw_device *device, const fd_set *readable, const fd_set *writable) {
  uint8_t bytes[4096];
  ssize_t got;
  if (state == FAILED) {
    lost(device);
    return;
  }
  if (fd < 0) return;
  if (state == CONNECTING && FD_ISSET(fd, writable)) {
    int error = 0;
    socklen_t size = sizeof error;
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0 || error != 0) {
      lost(device);
      return;
    }
    state = OPEN;
    iotw_device_opened(device);
    return;
  }
  if (state != OPEN) return;
  if (waiting_bytes > 0 && FD_ISSET(fd, writable) && flush() != 0) {
    lost(device);
    return;
  }
  if (!FD_ISSET(fd, readable)) return;
  got = recv(fd, bytes, sizeof bytes, 0);
  if (got > 0)
    iotw_device_received(device, bytes, (size_t)got);
  else if (got == 0 || (errno != EAGAIN && errno != EINTR))
    lost(device);
}
