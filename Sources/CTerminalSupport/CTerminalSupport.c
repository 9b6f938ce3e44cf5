#define _GNU_SOURCE
#include "CTerminalSupport.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define TEXT_CAPACITY 1024
#define STACK_BYTES (64 * 1024)

static int pipe_ends[2] = {-1, -1};

static struct termios saved_modes;
static int saved_descriptor = -1;

static char leave_bytes[TEXT_CAPACITY];
static size_t leave_count = 0;
static char crash_message[TEXT_CAPACITY];
static size_t crash_message_count = 0;

static atomic_bool active = false;

// Reports travel through the pipe; crashes end here.
static const int reported[] = {SIGWINCH, SIGINT, SIGTERM, SIGHUP, SIGTSTP, SIGCONT};
static const int crashes[] = {SIGILL, SIGTRAP, SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGQUIT};
#define REPORTED_COUNT (sizeof reported / sizeof reported[0])
#define CRASHES_COUNT (sizeof crashes / sizeof crashes[0])

static struct sigaction old_reported[REPORTED_COUNT];
static struct sigaction old_crashes[CRASHES_COUNT];
static bool installed = false;

// A stack overflow leaves no room for a handler on the main stack.
static char alternate_stack[STACK_BYTES];
static stack_t old_stack;

static void write_all(int descriptor, const char *bytes, size_t count) {
  while (count > 0) {
    ssize_t written = write(descriptor, bytes, count);
    if (written < 0) {
      if (errno == EINTR) continue;
      return;
    }
    bytes += written;
    count -= (size_t)written;
  }
}

static void report(int number) {
  int kept = errno;
  char byte = (char)number;
  // The pipe is non-blocking: when it is full the reader has enough to wake up for.
  ssize_t ignored = write(pipe_ends[1], &byte, 1);
  (void)ignored;
  errno = kept;
}

static void crash(int number) {
  // Two threads may crash at once; the first restores.
  if (atomic_exchange(&active, false) && saved_descriptor >= 0) {
    write_all(saved_descriptor, leave_bytes, leave_count);
    // A background process is stopped for setting modes unless the signal is blocked.
    sigset_t output;
    sigemptyset(&output);
    sigaddset(&output, SIGTTOU);
    pthread_sigmask(SIG_BLOCK, &output, NULL);
    tcsetattr(saved_descriptor, TCSANOW, &saved_modes);
    write_all(saved_descriptor, crash_message, crash_message_count);
  }
  // SA_RESETHAND has put the default action back and SA_NODEFER left the signal unblocked.
  signal(number, SIG_DFL);
  raise(number);
}

bool cterm_on_main_thread(void) { return gettid() == getpid(); }

int cterm_make_pipe(int *read_end, int *write_end) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) return -1;
  *read_end = ends[0];
  *write_end = ends[1];
  return 0;
}

int cterm_pipe_open(void) {
  if (pipe_ends[0] < 0 && cterm_make_pipe(&pipe_ends[0], &pipe_ends[1]) != 0) return -1;
  return pipe_ends[0];
}

void cterm_pipe_close(void) {
  for (int end = 0; end < 2; end++) {
    if (pipe_ends[end] >= 0) close(pipe_ends[end]);
    pipe_ends[end] = -1;
  }
}

int cterm_save_modes(int descriptor) {
  if (tcgetattr(descriptor, &saved_modes) != 0) return -1;
  saved_descriptor = descriptor;
  return 0;
}

int cterm_restore_modes(void) {
  if (saved_descriptor < 0) return 0;
  return tcsetattr(saved_descriptor, TCSANOW, &saved_modes);
}

int cterm_hide_input(int descriptor) {
  struct termios modes;
  if (tcgetattr(descriptor, &modes) != 0) return -1;
  modes.c_lflag &= ~(tcflag_t)(ECHO | ICANON);
  modes.c_lflag |= ISIG;
  modes.c_cc[VMIN] = 1;
  modes.c_cc[VTIME] = 0;
  return tcsetattr(descriptor, TCSADRAIN, &modes);
}

void cterm_set_crash_text(const char *bytes, size_t count, const char *message) {
  leave_count = count < TEXT_CAPACITY ? count : TEXT_CAPACITY;
  memcpy(leave_bytes, bytes, leave_count);
  size_t length = message ? strlen(message) : 0;
  crash_message_count = length < TEXT_CAPACITY ? length : TEXT_CAPACITY;
  if (message) memcpy(crash_message, message, crash_message_count);
}

void cterm_set_active(bool value) { atomic_store(&active, value); }

static void put_back(size_t reported_count, size_t crashes_count) {
  for (size_t i = 0; i < reported_count; i++) sigaction(reported[i], &old_reported[i], NULL);
  for (size_t i = 0; i < crashes_count; i++) sigaction(crashes[i], &old_crashes[i], NULL);
  sigaltstack(&old_stack, NULL);
}

int cterm_signals_install(void) {
  if (installed) return 0;
  stack_t stack = {.ss_sp = alternate_stack, .ss_size = sizeof alternate_stack, .ss_flags = 0};
  if (sigaltstack(&stack, &old_stack) != 0) return -1;

  struct sigaction action;
  memset(&action, 0, sizeof action);
  sigemptyset(&action.sa_mask);
  action.sa_handler = report;
  action.sa_flags = SA_RESTART | SA_ONSTACK;
  for (size_t i = 0; i < REPORTED_COUNT; i++) {
    if (sigaction(reported[i], &action, &old_reported[i]) != 0) {
      int kept = errno;
      put_back(i, 0);
      errno = kept;
      return -1;
    }
  }
  action.sa_handler = crash;
  action.sa_flags = SA_ONSTACK | SA_RESETHAND | SA_NODEFER;
  for (size_t i = 0; i < CRASHES_COUNT; i++) {
    if (sigaction(crashes[i], &action, &old_crashes[i]) != 0) {
      int kept = errno;
      put_back(REPORTED_COUNT, i);
      errno = kept;
      return -1;
    }
  }
  installed = true;
  return 0;
}

void cterm_signals_remove(void) {
  if (!installed) return;
  put_back(REPORTED_COUNT, CRASHES_COUNT);
  installed = false;
}

void cterm_allow_stop(bool allow) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  sigemptyset(&action.sa_mask);
  action.sa_handler = allow ? SIG_DFL : report;
  action.sa_flags = allow ? 0 : SA_RESTART | SA_ONSTACK;
  sigaction(SIGTSTP, &action, NULL);
}

void cterm_stop_self(void) {
  cterm_allow_stop(true);
  raise(SIGTSTP);
  cterm_allow_stop(false);
}

int cterm_take_foreground(int descriptor) {
  struct sigaction ignore;
  struct sigaction kept;
  memset(&ignore, 0, sizeof ignore);
  sigemptyset(&ignore.sa_mask);
  ignore.sa_handler = SIG_IGN;
  if (sigaction(SIGTTOU, &ignore, &kept) != 0) return -1;
  int result = tcsetpgrp(descriptor, getpgrp());
  int error = errno;
  sigaction(SIGTTOU, &kept, NULL);
  errno = error;
  return result;
}
