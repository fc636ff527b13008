#include "ccells.h"
