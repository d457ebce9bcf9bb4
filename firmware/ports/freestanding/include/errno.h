/* libsodium's sources mention errno; nothing of this firmware sets or reads it. */
#ifndef IOTW_ERRNO_H
#define IOTW_ERRNO_H

#define errno (*iotw_errno())
int *iotw_errno(void);
#define EINVAL 22
#define ERANGE 34

#endif
