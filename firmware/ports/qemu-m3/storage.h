#ifndef IOTW_STORAGE_H
#define IOTW_STORAGE_H

/* Opens the store that `iotw maker provision` made. 0, or it is not there. */
int storage_start(const char *path);

#endif
