#ifndef HTTP_SHIM_H
#define HTTP_SHIM_H
#endif
