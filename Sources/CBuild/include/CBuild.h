#ifndef NTPROF_CBUILD_H
#define NTPROF_CBUILD_H

/// The commit that the program was built from, as `make build` told; empty where nobody did.
const char *_Nonnull cbuild_commit(void);

#endif
