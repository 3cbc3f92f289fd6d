// Software-defined events: counters that a program keeps itself and PAPI reads like any other. They
// let tests exercise PAPI's own event sets on machines without hardware counters.
//
// The test program must be linked with libsde, and so it must be called directly: PAPI looks for
// the library among those that are loaded when it is initialised.
#pragma once

#include <sde_lib.h>
