/* libsodium's sources state what they rely on; a product's image does not check it again. */
#ifndef IOTW_ASSERT_H
#define IOTW_ASSERT_H

#define assert(condition) ((void)0)

#endif
