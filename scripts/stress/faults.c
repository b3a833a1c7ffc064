/* A file system and a clock that misbehave, for one process: LD_PRELOAD=faults.so

   FAULT_READ, FAULT_WRITE  reading, writing of files whose path holds this fails at times
   FAULT_RATE               of a million such calls, how many
   FAULT_ERRNO              with which error; 0: the call does a part of its work only
   FAULT_DELAY_US           every such call takes up to so much longer
   FAULT_CLOCK              "1": the time of day jumps by up to ten years, again and again
   FAULT_SEED               the same faults for the same calls
*/
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

static __thread unsigned long state;

static unsigned next(unsigned below) {
    if (!state) {
        const char *seed = getenv("FAULT_SEED");
        state = 88172645463325252UL + (seed ? strtoul(seed, 0, 10) : 1) * 2654435761UL;
    }
    state ^= state << 13; state ^= state >> 7; state ^= state << 17;
    return (unsigned)(state % below);
}

static long number(const char *name) {
    const char *text = getenv(name);
    return text ? atol(text) : 0;
}

static int concerns(int fd, const char *name) {
    const char *part = getenv(name);
    char link[40], path[1024];
    if (!part || fd < 0) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t size = readlink(link, path, sizeof path - 1);
    if (size <= 0) return 0;
    path[size] = 0;
    return strstr(path, part) != 0;
}

/* -1: fail; else how many bytes to ask for */
static ssize_t trouble(int fd, const char *name, size_t size) {
    if (!concerns(fd, name)) return (ssize_t)size;
    long delay = number("FAULT_DELAY_US");
    if (delay > 0) usleep(next((unsigned)delay));
    if ((long)next(1000000) >= number("FAULT_RATE")) return (ssize_t)size;
    if (number("FAULT_ERRNO")) {
        errno = (int)number("FAULT_ERRNO");
        return -1;
    }
    return size > 1 ? (ssize_t)(1 + next((unsigned)(size > 1u << 30 ? 1u << 30 : size) - 1)) : (ssize_t)size;
}

#define REAL(name) static __typeof__(&name) real; if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

ssize_t read(int fd, void *data, size_t size) {
    REAL(read);
    ssize_t ask = trouble(fd, "FAULT_READ", size);
    return ask < 0 ? -1 : real(fd, data, (size_t)ask);
}

ssize_t pread64(int fd, void *data, size_t size, off64_t at) {
    REAL(pread64);
    ssize_t ask = trouble(fd, "FAULT_READ", size);
    return ask < 0 ? -1 : real(fd, data, (size_t)ask, at);
}

ssize_t write(int fd, const void *data, size_t size) {
    REAL(write);
    ssize_t ask = trouble(fd, "FAULT_WRITE", size);
    return ask < 0 ? -1 : real(fd, data, (size_t)ask);
}

ssize_t pwrite64(int fd, const void *data, size_t size, off64_t at) {
    REAL(pwrite64);
    ssize_t ask = trouble(fd, "FAULT_WRITE", size);
    return ask < 0 ? -1 : real(fd, data, (size_t)ask, at);
}

int fsync(int fd) {
    REAL(fsync);
    return trouble(fd, "FAULT_WRITE", 1) < 0 ? -1 : real(fd);
}

static long jump(void) {
    static long now;
    if (next(40) == 0) now = (long)next(630000000) - 315000000;
    return now;
}

int clock_gettime(clockid_t clock, struct timespec *at) {
    REAL(clock_gettime);
    int result = real(clock, at);
    if (!result && clock == CLOCK_REALTIME && number("FAULT_CLOCK")) at->tv_sec += jump();
    return result;
}

time_t time(time_t *at) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (at) *at = now.tv_sec;
    return now.tv_sec;
}
