#include "CBuild.h"

#ifndef NTPROF_COMMIT
#define NTPROF_COMMIT ""
#endif

const char *cbuild_commit(void) { return NTPROF_COMMIT; }
