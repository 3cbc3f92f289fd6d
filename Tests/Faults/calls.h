// The functions that can be made to fail, and what each gives back then: ERRNO is -1 and errno, NOTHING is
// null and errno, NUMBER is the error number itself. Those of the libraries follow in libraries.h, which
// `inject.py` writes of what the program asks of them.
CALL(open, ERRNO) CALL(open64, ERRNO) CALL(openat, ERRNO) CALL(openat64, ERRNO)
CALL(read, ERRNO) CALL(pread, ERRNO) CALL(write, ERRNO) CALL(pwrite, ERRNO) CALL(lseek, ERRNO)
CALL(sendfile, ERRNO) CALL(close, ERRNO) CALL(fsync, ERRNO) CALL(ftruncate, ERRNO)
CALL(access, ERRNO) CALL(stat, ERRNO) CALL(lstat, ERRNO) CALL(fstat, ERRNO) CALL(fstatat, ERRNO)
CALL(statvfs, ERRNO) CALL(rename, ERRNO) CALL(renameat, ERRNO) CALL(link, ERRNO) CALL(linkat, ERRNO)
CALL(unlink, ERRNO) CALL(unlinkat, ERRNO) CALL(mkdir, ERRNO) CALL(rmdir, ERRNO) CALL(mkdtemp, NOTHING)
CALL(readlink, ERRNO) CALL(realpath, NOTHING) CALL(getcwd, NOTHING)
CALL(opendir, NOTHING) CALL(readdir, NOTHING) CALL(fopen, NOTHING) CALL(fopen64, NOTHING)
CALL(dup, ERRNO) CALL(dup2, ERRNO) CALL(dup3, ERRNO) CALL(fcntl, ERRNO) CALL(ioctl, ERRNO) CALL(isatty, NOTHING)
CALL(pipe, ERRNO) CALL(pipe2, ERRNO) CALL(poll, ERRNO) CALL(waitpid, ERRNO) CALL(kill, ERRNO) CALL(prctl, ERRNO)
CALL(posix_spawn, NUMBER) CALL(pthread_create, NUMBER) CALL(pthread_sigmask, NUMBER) CALL(usleep, ERRNO)
CALL(mmap, ERRNO) CALL(mprotect, ERRNO) CALL(munmap, ERRNO) CALL(madvise, ERRNO) CALL(posix_memalign, NUMBER)
CALL(malloc, NOTHING) CALL(calloc, NOTHING) CALL(realloc, NOTHING) CALL(strdup, NOTHING)
CALL(syscall, ERRNO) CALL(sched_setaffinity, ERRNO) CALL(sched_getaffinity, ERRNO) CALL(getrandom, ERRNO)
CALL(sysconf, ERRNO) CALL(sysinfo, ERRNO) CALL(getrusage, ERRNO) CALL(clock_gettime, ERRNO) CALL(setrlimit, ERRNO)
CALL(dlopen, NOTHING) CALL(setenv, ERRNO)
CALL(getaddrinfo, NUMBER) CALL(socket, ERRNO) CALL(socketpair, ERRNO) CALL(connect, ERRNO)
CALL(getsockopt, ERRNO) CALL(send, ERRNO) CALL(recv, ERRNO)
#include "libraries.h"
