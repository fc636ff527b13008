#ifndef LINUX_SHIM_H
#define LINUX_SHIM_H
#endif
