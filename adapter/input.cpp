#include "adapter/input.h"
