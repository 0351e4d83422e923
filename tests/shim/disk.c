/* A disk that can be told to fail, loaded with LD_PRELOAD into a process that has a journal. Only files whose name
 * begins with `journal.db` are touched. What it does is told by files in the folder that DISK_SHIM names:
 *
 *   full       what is written finds no room
 *   no-sync    nothing can be synced
 *   undo/      before each write, what was there is kept here, in a file of the same name; a sync empties it. Put
 *              back in reverse order, it leaves the file as a power cut may: without what was never synced.
 *
 * A kept piece is: offset, length of the old bytes, length of the file (each 8 bytes), the old bytes.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static int told(const char *what) {
    char path[4096];
    const char *folder = getenv("DISK_SHIM");
    if (!folder) return 0;
    snprintf(path, sizeof path, "%s/%s", folder, what);
    return access(path, F_OK) == 0;
}

/* The name of a journal's file, into `name`; 0 for any other file. */
static int journal_file(int fd, char *name, size_t size) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    const char *slash = strrchr(path, '/');
    if (!slash || strncmp(slash + 1, "journal.db", 10) != 0) return 0;
    snprintf(name, size, "%s", slash + 1);
    return 1;
}

static int open_kept(const char *name) {
    char path[4096];
    snprintf(path, sizeof path, "%s/undo/%s", getenv("DISK_SHIM"), name);
    return open(path, O_CREAT | O_RDWR | O_APPEND | O_CLOEXEC, 0600);
}

static void keep(int fd, const char *name, uint64_t offset, uint64_t length) {
    struct stat file;
    if (fstat(fd, &file) != 0) return;
    uint64_t size = file.st_size;
    uint64_t old = offset >= size ? 0 : (size - offset < length ? size - offset : length);
    char *piece = malloc(24 + old);
    memcpy(piece, &offset, 8);
    memcpy(piece + 8, &old, 8);
    memcpy(piece + 16, &size, 8);
    if (old && syscall(SYS_pread64, fd, piece + 24, old, offset) != (ssize_t)old) abort();
    int kept = open_kept(name);
    if (kept < 0 || syscall(SYS_write, kept, piece, 24 + old) != (ssize_t)(24 + old)) abort();
    close(kept);
    free(piece);
}

static ssize_t write_at(int fd, const void *bytes, size_t length, off_t offset) {
    char name[256];
    if (!journal_file(fd, name, sizeof name)) return syscall(SYS_pwrite64, fd, bytes, length, offset);
    if (told("full")) {
        errno = ENOSPC;
        return -1;
    }
    pthread_mutex_lock(&lock);
    if (told("undo")) keep(fd, name, offset, length);
    ssize_t written = syscall(SYS_pwrite64, fd, bytes, length, offset);
    pthread_mutex_unlock(&lock);
    return written;
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset) { return write_at(fd, bytes, length, offset); }
ssize_t pwrite64(int fd, const void *bytes, size_t length, off_t offset) { return write_at(fd, bytes, length, offset); }

static int cut(int fd, off_t length) {
    char name[256];
    struct stat file;
    if (!journal_file(fd, name, sizeof name)) return syscall(SYS_ftruncate, fd, length);
    pthread_mutex_lock(&lock);
    if (told("undo") && fstat(fd, &file) == 0 && file.st_size > length) keep(fd, name, length, file.st_size - length);
    int done = syscall(SYS_ftruncate, fd, length);
    pthread_mutex_unlock(&lock);
    return done;
}

int ftruncate(int fd, off_t length) { return cut(fd, length); }
int ftruncate64(int fd, off_t length) { return cut(fd, length); }

static int sync_file(int fd, long call) {
    char name[256];
    if (!journal_file(fd, name, sizeof name)) return syscall(call, fd);
    if (told("no-sync")) {
        errno = EIO;
        return -1;
    }
    pthread_mutex_lock(&lock);
    int done = syscall(call, fd);
    if (done == 0 && told("undo")) {
        int kept = open_kept(name);
        if (kept < 0 || syscall(SYS_ftruncate, kept, 0) != 0) abort();
        close(kept);
    }
    pthread_mutex_unlock(&lock);
    return done;
}

int fsync(int fd) { return sync_file(fd, SYS_fsync); }
int fdatasync(int fd) { return sync_file(fd, SYS_fdatasync); }
