#ifndef KAFKA_SHIM_H
#define KAFKA_SHIM_H

#include "consume.h"
#include "reading.h"
#include "publish.h"
#include "survey.h"

#endif
