/*
 * What a disk may do to the files below one folder, loaded before libc (LD_PRELOAD). By environment:
 *
 * SMX_SHIM_FOLDER  the folder, absolute and without links
 * SMX_SHIM_LOG     undo log: before each change what it overwrites, behind each sync a mark. A power cut is a SIGKILL
 *                  and a walk back through this log (support/undo-log.ts). Syncs are noted and not done: the page cache
 *                  outlives the process, and what reached the disk is what the log says.
 * SMX_SHIM_KEEP    folder of the same file system: a link to each inode, so that what was removed can come back
 * SMX_SHIM_LIE     1: syncs answer well and are not noted, as by a disk that lies
 * SMX_SHIM_FAIL    sync:N:COUNT or write:N:COUNT: so many from the N-th on fail with EIO. What a failed sync was for is
 *                  lost for good, also where a later sync answers well, as Linux does it.
 *
 * Not modelled: mkdir, link, shared writable mappings, vectored writes. The last two end the process, so that no change
 * passes unseen.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum kind { WRITE = 1, TRUNCATE, SYNC, SYNC_FAILED, CREATE, UNLINK, RENAME };

/* One entry of the log; `first` and `second` bytes follow it. Little endian as the machine is. */
struct entry {
  uint32_t kind, first, second, pad;
  uint64_t ino, offset, length, size;
};

#define REAL(result, name, ...) \
  static result (*name)(__VA_ARGS__); \
  if (name == NULL) *(void **)&name = dlsym(RTLD_NEXT, #name + 5)

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static const char *folder, *keep;
static int log_fd = -1, lies;
static char watched[65536];
static struct { char what; long next, last; } failing;

static ssize_t (*real_write)(int, const void *, size_t);
static int (*real_open)(const char *, int, ...);

static void die(const char *what) {
  dprintf(2, "disk-shim: %s is not modelled\n", what);
  abort();
}

__attribute__((constructor)) static void begin(void) {
  *(void **)&real_write = dlsym(RTLD_NEXT, "write");
  *(void **)&real_open = dlsym(RTLD_NEXT, "open");
  folder = getenv("SMX_SHIM_FOLDER");
  keep = getenv("SMX_SHIM_KEEP");
  lies = getenv("SMX_SHIM_LIE") != NULL;
  const char *path = getenv("SMX_SHIM_LOG"), *fail = getenv("SMX_SHIM_FAIL");
  if (path != NULL) log_fd = real_open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  long from, count;
  if (fail != NULL && sscanf(fail, "%*[a-z]:%ld:%ld", &from, &count) == 2) {
    failing.what = fail[0];
    failing.next = -from + 1;
    failing.last = count;
  }
}

static int is_below(const char *path) {
  if (folder == NULL || path == NULL) return 0;
  size_t n = strlen(folder);
  return strncmp(path, folder, n) == 0 && (path[n] == '/' || path[n] == 0);
}

static int is_watched(int fd) { return fd >= 0 && fd < (int)sizeof watched && watched[fd]; }

/* Whether this sync or write is one that fails; counts it. */
static int fails(char what) {
  if (failing.what != what) return 0;
  long at = failing.next++;
  return at >= 0 && at < failing.last;
}

static void note(struct entry e, const void *first, const void *second) {
  if (log_fd < 0) return;
  struct iovec parts[3] = {{&e, sizeof e}, {(void *)first, e.first}, {(void *)second, e.second}};
  REAL(ssize_t, real_writev, int, const struct iovec *, int);
  if (real_writev(log_fd, parts, 3) != (ssize_t)(sizeof e + e.first + e.second)) die("a full disk below the undo log");
}

/* Links an inode where it can be found whatever becomes of its name. */
static void remember(const char *path, uint64_t ino) {
  if (keep == NULL) return;
  char to[PATH_MAX];
  snprintf(to, sizeof to, "%s/%llu", keep, (unsigned long long)ino);
  if (link(path, to) != 0 && errno != EEXIST) die("a file that cannot be linked");
}

static uint64_t parent_of(const char *path) {
  char up[PATH_MAX];
  snprintf(up, sizeof up, "%s", path);
  char *slash = strrchr(up, '/');
  if (slash != NULL) *slash = 0;
  struct stat s;
  return stat(up, &s) == 0 ? s.st_ino : 0;
}

static void note_name(enum kind kind, const char *path, uint64_t ino) {
  struct entry e = {.kind = kind, .first = strlen(path), .ino = ino, .offset = parent_of(path)};
  note(e, path, NULL);
}

/* Notes what a change of a file is going to overwrite: from `offset` on, at most `length` bytes. */
static void note_change(enum kind kind, int fd, off_t offset, size_t length) {
  struct stat s;
  if (log_fd < 0 || fstat(fd, &s) != 0 || !S_ISREG(s.st_mode)) return;
  size_t there = offset < s.st_size ? (size_t)(s.st_size - offset) : 0;
  if (there > length) there = length;
  char *old = malloc(there + 1);
  REAL(ssize_t, real_pread64, int, void *, size_t, off_t);
  // what was opened for writing alone is read by another way
  char self[64];
  snprintf(self, sizeof self, "/proc/self/fd/%d", fd);
  int reader = real_open(self, O_RDONLY | O_CLOEXEC);
  if (reader < 0 || real_pread64(reader, old, there, offset) != (ssize_t)there) die("a file that cannot be read");
  REAL(int, real_close, int);
  real_close(reader);
  struct entry e = {.kind = kind, .first = there, .ino = s.st_ino, .offset = offset, .length = length, .size = s.st_size};
  note(e, old, NULL);
  free(old);
}

static int open_watched(const char *path, int flags, mode_t mode) {
  int below = is_below(path);
  if (!below) {
    int fd = real_open(path, flags, mode);
    if (fd >= 0 && fd < (int)sizeof watched) watched[fd] = 0;
    return fd;
  }
  pthread_mutex_lock(&lock);
  struct stat s;
  int is_new = (flags & O_CREAT) && stat(path, &s) != 0 && errno == ENOENT;
  off_t cut = (flags & O_TRUNC) && stat(path, &s) == 0 && S_ISREG(s.st_mode) ? s.st_size : 0;
  int fd = real_open(path, cut > 0 ? flags & ~O_TRUNC : flags, mode);
  int error = errno;
  if (fd >= (int)sizeof watched) die("so many open files");
  if (fd >= 0) {
    watched[fd] = 1;
    if (fstat(fd, &s) == 0 && S_ISREG(s.st_mode)) {
      remember(path, s.st_ino);
      if (is_new) note_name(CREATE, path, s.st_ino);
      if (cut > 0) {
        note_change(TRUNCATE, fd, 0, SIZE_MAX);
        REAL(int, real_ftruncate64, int, off_t);
        if (real_ftruncate64(fd, 0) != 0) die("a file that cannot be cut");
      }
    }
  }
  pthread_mutex_unlock(&lock);
  errno = error;
  return fd;
}

#define OPEN(name) \
  int name(const char *path, int flags, ...) { \
    va_list more; \
    va_start(more, flags); \
    mode_t mode = (flags & O_CREAT) ? va_arg(more, mode_t) : 0; \
    va_end(more); \
    return open_watched(path, flags, mode); \
  }
OPEN(open)
OPEN(open64)

#define OPENAT(name) \
  int name(int at, const char *path, int flags, ...) { \
    va_list more; \
    va_start(more, flags); \
    mode_t mode = (flags & O_CREAT) ? va_arg(more, mode_t) : 0; \
    va_end(more); \
    REAL(int, real_openat, int, const char *, int, ...); \
    if (at == AT_FDCWD || path[0] == '/') return open_watched(path, flags, mode); \
    return real_openat(at, path, flags, mode); \
  }
OPENAT(openat)
OPENAT(openat64)

int close(int fd) {
  REAL(int, real_close, int);
  if (is_watched(fd)) watched[fd] = 0;
  return real_close(fd);
}

static off_t end_or_place(int fd) {
  struct stat s;
  if ((fcntl(fd, F_GETFL) & O_APPEND) && fstat(fd, &s) == 0) return s.st_size;
  return lseek(fd, 0, SEEK_CUR);
}

#define CHANGE(kind, fd, offset, length, doing) \
  pthread_mutex_lock(&lock); \
  if (fails('w')) { \
    pthread_mutex_unlock(&lock); \
    errno = EIO; \
    return -1; \
  } \
  note_change(kind, fd, offset, length); \
  ssize_t done = doing; \
  int error = errno; \
  pthread_mutex_unlock(&lock); \
  errno = error; \
  return done

ssize_t write(int fd, const void *bytes, size_t n) {
  if (!is_watched(fd)) return real_write(fd, bytes, n);
  CHANGE(WRITE, fd, end_or_place(fd), n, real_write(fd, bytes, n));
}

ssize_t pwrite(int fd, const void *bytes, size_t n, off_t offset) {
  REAL(ssize_t, real_pwrite64, int, const void *, size_t, off_t);
  if (!is_watched(fd)) return real_pwrite64(fd, bytes, n, offset);
  CHANGE(WRITE, fd, offset, n, real_pwrite64(fd, bytes, n, offset));
}
ssize_t pwrite64(int fd, const void *bytes, size_t n, off_t offset) { return pwrite(fd, bytes, n, offset); }

int ftruncate(int fd, off_t size) {
  REAL(int, real_ftruncate64, int, off_t);
  if (!is_watched(fd)) return real_ftruncate64(fd, size);
  CHANGE(TRUNCATE, fd, size, SIZE_MAX, real_ftruncate64(fd, size));
}
int ftruncate64(int fd, off_t size) { return ftruncate(fd, size); }

static int sync_watched(int fd) {
  struct stat s;
  if (fstat(fd, &s) != 0) return -1;
  pthread_mutex_lock(&lock);
  int failed = fails('s');
  struct entry e = {.kind = failed ? SYNC_FAILED : SYNC, .ino = s.st_ino};
  if (!lies) note(e, NULL, NULL);
  pthread_mutex_unlock(&lock);
  if (!failed) return 0;
  errno = EIO;
  return -1;
}

int fsync(int fd) {
  REAL(int, real_fsync, int);
  return is_watched(fd) ? sync_watched(fd) : real_fsync(fd);
}

int fdatasync(int fd) {
  REAL(int, real_fdatasync, int);
  return is_watched(fd) ? sync_watched(fd) : real_fdatasync(fd);
}

static int remove_watched(const char *path, int (*doing)(const char *)) {
  pthread_mutex_lock(&lock);
  struct stat s;
  int is_file = lstat(path, &s) == 0 && S_ISREG(s.st_mode);
  if (is_file) {
    remember(path, s.st_ino);
    note_name(UNLINK, path, s.st_ino);
  }
  int result = doing(path);
  int error = errno;
  pthread_mutex_unlock(&lock);
  errno = error;
  return result;
}

int unlink(const char *path) {
  REAL(int, real_unlink, const char *);
  return is_below(path) ? remove_watched(path, real_unlink) : real_unlink(path);
}

int remove(const char *path) {
  REAL(int, real_remove, const char *);
  return is_below(path) ? remove_watched(path, real_remove) : real_remove(path);
}

int rename(const char *from, const char *to) {
  REAL(int, real_rename, const char *, const char *);
  if (!is_below(from) && !is_below(to)) return real_rename(from, to);
  pthread_mutex_lock(&lock);
  struct stat old, moved;
  int replaces = stat(to, &old) == 0 && S_ISREG(old.st_mode);
  if (replaces) remember(to, old.st_ino);
  if (stat(from, &moved) == 0 && S_ISREG(moved.st_mode)) {
    remember(from, moved.st_ino);
    struct entry e = {.kind = RENAME, .first = strlen(from), .second = strlen(to), .ino = moved.st_ino,
                      .offset = parent_of(to), .size = replaces ? old.st_ino : 0};
    note(e, from, to);
  }
  int result = real_rename(from, to);
  int error = errno;
  pthread_mutex_unlock(&lock);
  errno = error;
  return result;
}

#define VECTORED(name, ...) \
  if (is_watched(fd)) die(#name); \
  REAL(ssize_t, real_##name, int, const struct iovec *, int, ##__VA_ARGS__)

ssize_t writev(int fd, const struct iovec *parts, int n) {
  VECTORED(writev);
  return real_writev(fd, parts, n);
}
ssize_t pwritev(int fd, const struct iovec *parts, int n, off_t offset) {
  VECTORED(pwritev, off_t);
  return real_pwritev(fd, parts, n, offset);
}
ssize_t pwritev64(int fd, const struct iovec *parts, int n, off_t offset) { return pwritev(fd, parts, n, offset); }

void *mmap(void *at, size_t length, int protection, int flags, int fd, off_t offset) {
  REAL(void *, real_mmap, void *, size_t, int, int, int, off_t);
  if (is_watched(fd) && (flags & MAP_SHARED) && (protection & PROT_WRITE)) die("a shared writable mapping");
  return real_mmap(at, length, protection, flags, fd, offset);
}
void *mmap64(void *at, size_t length, int protection, int flags, int fd, off_t offset) {
  return mmap(at, length, protection, flags, fd, offset);
}
