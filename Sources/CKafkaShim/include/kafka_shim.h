#ifndef KAFKA_SHIM_H
#define KAFKA_SHIM_H
#endif
