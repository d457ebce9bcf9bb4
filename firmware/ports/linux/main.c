/* iotw-device: the firmware as a program, for routers and gateways that run Linux.
 *
 *   iotw-device run STORE [--broker HOST:PORT] [--report SECONDS]
 *   iotw-device key STORE                        the device's name, 64 hex characters
 *   iotw-device claim STORE OWNER [CHANGES]      the signature for its owner's claim (hex)
 *
 * STORE is the file that `iotw maker provision` writes. While it runs, each report is one line of SenML on standard
 * output: every SECONDS, at SIGUSR1, and at the end by SIGTERM or SIGINT. What happens goes to standard error. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../../core/bytes.h"
#include "../../core/statements.h"
#include "../../hal/hal.h"
#include "port.h"

static iotw_device device;
static volatile sig_atomic_t ending, reporting;

uint32_t hal_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint32_t)((uint64_t)now.tv_sec * 1000u + (uint64_t)now.tv_nsec / 1000000u);
}

int hal_random(uint8_t *bytes, size_t length) {
  int file = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
  ssize_t got = file < 0 ? -1 : read(file, bytes, length);
  if (file >= 0) close(file);
  return got == (ssize_t)length ? 0 : -1;
}

void hal_log(const char *line) { fprintf(stderr, "iotw-device: %s\n", line); }

void hal_yield(void) {}

static int stop(const char *message) {
  fprintf(stderr, "iotw-device: %s\n", message);
  return 1;
}

static void on_signal(int number) {
  if (number == SIGUSR1)
    reporting = 1;
  else
    ending = 1;
}

static void report(void) {
  char line[IOTW_REPORT_BYTES];
  size_t length = iotw_device_report(&device, line, sizeof line);
  printf("%.*s\n", (int)length, line);
  fflush(stdout);
  (void)iotw_device_telemetry(&device, line, length);
}

static const char *why(int failure) {
  static const char *const sentences[] = {
      "",
      "the store can't be read",
      "the store holds no identity: have `iotw maker provision` write it",
      "the store holds no valid boot counter: it is damaged, and this key must not sign again",
      "the boot counter is at its end: a new key is needed",
      "the boot counter can't be stored: nothing may be signed without",
  };
  return sentences[failure];
}

/* Waits for the socket or a signal, at most `ms`; signals arrive only here. */
static void wait_and_serve(uint32_t ms, const sigset_t *while_waiting) {
  struct timespec most;
  fd_set readable, writable;
  int highest;
  FD_ZERO(&readable);
  FD_ZERO(&writable);
  highest = socket_wait_for(&readable, &writable);
  most.tv_sec = (time_t)(ms / 1000);
  most.tv_nsec = (long)(ms % 1000) * 1000000L;
  if (pselect(highest, &readable, &writable, NULL, &most, while_waiting) < 0) {
    FD_ZERO(&readable);
    FD_ZERO(&writable);
  }
  socket_serve(&device, &readable, &writable);
}

static int run(uint32_t report_ms) {
  sigset_t blocked, before;
  struct sigaction action;
  uint32_t reported = hal_now();
  int failure = iotw_device_start(&device);
  if (failure) return stop(why(failure));
  memset(&action, 0, sizeof action);
  action.sa_handler = on_signal;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGTERM);
  sigaddset(&blocked, SIGINT);
  sigaddset(&blocked, SIGUSR1);
  sigprocmask(SIG_BLOCK, &blocked, &before);
  sigaction(SIGTERM, &action, NULL);
  sigaction(SIGINT, &action, NULL);
  sigaction(SIGUSR1, &action, NULL);
  while (!ending) {
    uint32_t wait = iotw_device_tick(&device);
    if (report_ms > 0) {
      uint32_t gone = hal_now() - reported;
      if (gone >= report_ms) reporting = 1;
      if (gone < report_ms && report_ms - gone < wait) wait = report_ms - gone;
    }
    if (reporting) {
      reporting = 0;
      reported = hal_now();
      report();
      continue;
    }
    wait_and_serve(wait, &before);
  }
  report();
  iotw_device_stop(&device);
  return 0;
}

static int bytes32(const char *text, uint8_t out[32]) {
  unsigned i;
  if (strlen(text) != 64) return -1;
  for (i = 0; i < 32; i++) {
    int high = iotw_hex_digit(text[2 * i]), low = iotw_hex_digit(text[2 * i + 1]);
    if (high < 0 || low < 0) return -1;
    out[i] = (uint8_t)(high << 4 | low);
  }
  return 0;
}

static void print_hex(const uint8_t *bytes, size_t length) {
  char text[129];
  iotw_hex(text, bytes, length);
  text[2 * length] = '\0';
  puts(text);
}

static int claim(const iotw_identity *identity, const char *owner_hex, const char *changes) {
  uint8_t owner[32], signature[64];
  char *end;
  unsigned long number = strtoul(changes, &end, 10);
  if (bytes32(owner_hex, owner) != 0) return stop("OWNER is the owner's key, 64 hex characters");
  if (*end != '\0' || end == changes || number > UINT32_MAX) return stop("CHANGES is a number");
  iotw_claim(signature, identity, owner, (uint32_t)number);
  print_hex(signature, sizeof signature);
  return 0;
}

/* HOST:PORT over what the store says. */
static int use_broker(iotw_broker *broker, const char *text) {
  const char *colon = strrchr(text, ':');
  char *end;
  unsigned long port;
  size_t length = colon == NULL ? 0 : (size_t)(colon - text);
  if (length < 1 || length > IOTW_HOST_BYTES) return -1;
  port = strtoul(colon + 1, &end, 10);
  if (*end != '\0' || port < 1 || port > 65535) return -1;
  memcpy(broker->host, text, length);
  broker->host[length] = '\0';
  broker->port = (uint16_t)port;
  return 0;
}

static const char *option(int count, char **words, const char *name) {
  int i;
  for (i = 3; i + 1 < count; i += 2)
    if (strcmp(words[i], name) == 0) return words[i + 1];
  return NULL;
}

int main(int count, char **words) {
  static const char usage[] =
      "usage: iotw-device run STORE [--broker HOST:PORT] [--report SECONDS] | key STORE | claim STORE OWNER [CHANGES]";
  iotw_identity identity;
  iotw_broker broker;
  const char *given, *seconds;
  int failure;
  if (count < 3) return stop(usage);
  if (store_open(words[2]) != 0) return stop("the store can't be opened for reading and writing");
  failure = iotw_load_identity(&identity, &broker);
  if (failure) return stop(why(failure));
  if (strcmp(words[1], "key") == 0) {
    print_hex(identity.key, 32);
    return 0;
  }
  if (strcmp(words[1], "claim") == 0 && count >= 4) return claim(&identity, words[3], count > 4 ? words[4] : "0");
  if (strcmp(words[1], "run") != 0) return stop(usage);
  given = option(count, words, "--broker");
  seconds = option(count, words, "--report");
  if (given != NULL && use_broker(&broker, given) != 0) return stop("--broker is HOST:PORT");
  if (broker.pinned) return stop("the store pins the broker's key, and this build has no TLS");
  socket_use(&broker);
  return run(seconds == NULL ? 0 : (uint32_t)strtoul(seconds, NULL, 10) * 1000u);
}
