/* Sizes that a port may choose, by the compiler's -D. What they cost: docs/firmware.md, "Budgets". */
#ifndef IOTW_CONFIG_H
#define IOTW_CONFIG_H

/* Lane keys that are kept: 32 bytes each. Assignments of lanes with higher numbers are refused with code 2.
 * A network has at most 64. */
#ifndef IOTW_LANES
#define IOTW_LANES 64
#endif

/* Assigners that are kept beside the lanes (clause 7.9): 36 bytes each. */
#ifndef IOTW_ASSIGNERS
#define IOTW_ASSIGNERS 32
#endif

/* Answers that are remembered, to give the same bytes again: 40 bytes each. The device chapter recommends 64. */
#ifndef IOTW_ANSWERS
#define IOTW_ANSWERS 64
#endif

/* The longest packet the device builds; its own buffer lies on the stack while it is sent. */
#ifndef IOTW_PACKET
#define IOTW_PACKET 512
#endif

/* Keepalive of MQTT, seconds (1..300). Twice this long without a byte from the broker ends the connection. */
#ifndef IOTW_KEEPALIVE_S
#define IOTW_KEEPALIVE_S 60
#endif

/* How long the broker may take for each step of a login, ms. */
#ifndef IOTW_STEP_MS
#define IOTW_STEP_MS 15000
#endif

#endif
