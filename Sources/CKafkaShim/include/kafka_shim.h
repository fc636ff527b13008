#ifndef KAFKA_SHIM_H
#define KAFKA_SHIM_H

#include "publish.h"

#endif
