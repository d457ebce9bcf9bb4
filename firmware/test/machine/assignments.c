/* Assignments: refused, answered, answered again. */
#include <string.h>

#include "../expect.h"
#include "../fake_hal.h"
#include "cases.h"
#include "session.h"

/* The refusals of clause 11.4, oversized assignments among them; each is answered and counted. */
void refusals(void) {
  broker_assignment what = usual(1);
  size_t length;
  online("");
  what.lane = 1;
  EXPECT(refused_with(assign(&what, 100), IOTW_LANE_UNKNOWN));
  what.lane = 0;
  what.signature_wrong = 1;
  EXPECT(refused_with(assign(&what, 100), IOTW_HEADER_SIGNATURE));
  what.signature_wrong = 0;
  /* Not signed at all. */
  length = broker_assign(assignment, &what);
  memset(assignment + 100, 0, 64);
  publish("assign", assignment, length, 4096);
  EXPECT(device.counts.refused[IOTW_HEADER_SIGNATURE] == 2);
  /* Signed for another network. */
  length = broker_assign(assignment, &what);
  device.identity.network[0] ^= 1;
  publish("assign", assignment, length, 4096);
  device.identity.network[0] ^= 1;
  EXPECT(device.counts.refused[IOTW_HEADER_SIGNATURE] == 3);
  what.root_wrong = 1;
  EXPECT(refused_with(assign(&what, 100), IOTW_ROOT_MISMATCH));
  what.root_wrong = 0;
  /* Longer than any assignment, with a head that is right. */
  memset(assignment, 0, sizeof assignment);
  length = broker_assign(assignment, &what);
  publish("assign", assignment, 33010, 1000);
  EXPECT(device.counts.refused[IOTW_MALFORMED] == 1);
  publish("assign", assignment, length - 1, 1000);
  EXPECT(device.counts.refused[IOTW_MALFORMED] == 2);
  publish("assign", assignment, 0, 1000);
  EXPECT(device.counts.refused[IOTW_MALFORMED] == 3);
  {
    static uint8_t huge[65000];
    memcpy(huge, assignment, length);
    publish("assign", huge, sizeof huge, 1460);
  }
  EXPECT(device.counts.refused[IOTW_MALFORMED] == 4 && hal.open);
  device.chain.counter = UINT32_MAX;
  EXPECT(refused_with(assign(&what, 100), IOTW_COUNTER_EXHAUSTED));
  device.chain.counter = 0;
  EXPECT(attested_as(assign(&what, 4096), 1, 1));
  /* The largest one that is right. */
  what.count = 1024;
  what.height = 9;
  EXPECT(attested_as(assign(&what, 1460), 1, 2));
  EXPECT(device.counts.assignments == 12 && device.counts.attested == 2 && hal.open);
  /* Other devices' topics, longer ones and unknown ones are passed over. */
  publish("assigned", assignment, length, 100);
  publish("host", assignment, length, 100);
  broker_publish(&stream, "a/topic/much/longer/than/any/of/a/device/a/topic/much/longer/than/any/of/a/device/a/topic/"
                          "much/longer/than/any/of/a/device", assignment, length, 0);
  say(100);
  EXPECT(device.counts.assignments == 12 && hal.open);
}

/* The same assignment gets the same bytes, from whatever connection; a forgotten one a new number. */
void replays(void) {
  uint8_t first[190];
  broker_assignment what = usual(1), other = usual(2);
  const broker_packet *packet;
  uint32_t i;
  online("");
  packet = assign(&what, 4096);
  EXPECT(attested_as(packet, 1, 1));
  memcpy(first, packet->payload, 190);
  EXPECT(attested_as(assign(&other, 4096), 1, 2));
  packet = assign(&what, 1);
  EXPECT(packet != NULL && memcmp(packet->payload, first, 190) == 0 && device.counts.repeated == 1);
  /* Another number for the device, a broken signature, other ids: still the answer that was given to this header. */
  what.device = 7;
  packet = assign(&what, 4096);
  EXPECT(packet != NULL && memcmp(packet->payload, first, 190) == 0);
  what.device = 41;
  what.signature_wrong = 1;
  packet = assign(&what, 4096);
  EXPECT(packet != NULL && memcmp(packet->payload, first, 190) == 0);
  what.signature_wrong = 0;
  /* Another attempt is another place. */
  what.attempt = 1;
  EXPECT(attested_as(assign(&what, 4096), 1, 3));
  what.attempt = 0;
  /* After a new login as well. */
  iotw_device_closed(&device);
  hal.open = 0;
  log_in("", 4096);
  packet = assign(&what, 4096);
  EXPECT(packet != NULL && memcmp(packet->payload, first, 190) == 0);
  for (i = 4; i <= IOTW_ANSWERS; i++) {
    hal.sent_bytes = 0;
    other.height = i;
    EXPECT(attested_as(assign(&other, 4096), 1, i));
  }
  packet = assign(&what, 4096);
  EXPECT(packet != NULL && memcmp(packet->payload, first, 190) == 0);
  other.height = 1000;
  EXPECT(attested_as(assign(&other, 4096), 1, IOTW_ANSWERS + 1));
  EXPECT(attested_as(assign(&what, 4096), 1, IOTW_ANSWERS + 2));
  /* The second is the oldest but one now: still the same. */
  what.height = 4;
  EXPECT(attested_as(assign(&what, 4096), 1, 4));
}
