/* What lwIP asks of the compiler. */
#ifndef IOTW_LWIP_CC_H
#define IOTW_LWIP_CC_H

#include <stdint.h>

#include "board.h"

#define LWIP_NO_INTTYPES_H 1
#define LWIP_NO_UNISTD_H 1
#define LWIP_NO_CTYPE_H 1
#define X8_F "02x"
#define U16_F "u"
#define S16_F "d"
#define X16_F "x"
#define U32_F "lu"
#define S32_F "ld"
#define X32_F "lx"
#define SZT_F "u"

#define LWIP_PLATFORM_DIAG(x) ((void)0)
#define LWIP_PLATFORM_ASSERT(x) \
  do {                          \
    board_print("lwip: ");      \
    board_print(x);             \
    board_print("\n");          \
    board_exit(1);              \
  } while (0)

uint32_t iotw_lwip_rand(void);
#define LWIP_RAND() iotw_lwip_rand()

#endif
