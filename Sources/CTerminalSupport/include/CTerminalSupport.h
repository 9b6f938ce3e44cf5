#ifndef CTERMINALSUPPORT_H
#define CTERMINALSUPPORT_H

#include <stdbool.h>
#include <stddef.h>

// What must happen inside a signal handler, where neither Swift nor curses may run.
// All functions but the handlers themselves are called from the main thread only.

/// Whether the caller is the process' first thread.
bool cterm_on_main_thread(void);

/// Makes a pipe whose ends do not block and are closed on exec. Returns 0, or -1 with errno.
int cterm_make_pipe(int *_Nonnull read_end, int *_Nonnull write_end);

/// Makes the pipe that the handlers write to. Returns its read end (non-blocking, close-on-exec), or -1 with errno.
int cterm_pipe_open(void);

/// Closes both ends of the pipe. Remove the handlers first.
void cterm_pipe_close(void);

/// Keeps the terminal's present modes, and the descriptor (open for writing) they are restored on. Returns 0, or -1 with errno.
int cterm_save_modes(int descriptor);

/// Puts the kept modes back. Returns 0 (also when none are kept), or -1 with errno.
int cterm_restore_modes(void);

/// Turns off echo and the kernel's own line, which ends at 4095 bytes. Returns 0, or -1 with errno.
int cterm_hide_input(int descriptor);

/// What a crash writes to the terminal before the modes are put back: `bytes` leaves the full screen, `message`
/// is shown on the plain one. Both are copied; what does not fit (1024 bytes each) is cut.
void cterm_set_crash_text(const char *_Nonnull bytes, size_t count, const char *_Nullable message);

/// Whether a crash has anything to restore: true while the full screen is shown.
void cterm_set_active(bool active);

/// Installs the handlers. WINCH, INT, TERM, HUP, TSTP and CONT write their number as one byte to the pipe.
/// ILL, TRAP, ABRT, SEGV, BUS, FPE and QUIT restore the terminal and die of the same signal.
/// Returns 0, or -1 with errno and nothing installed.
int cterm_signals_install(void);

/// Puts back the handlers that stood before `cterm_signals_install`.
void cterm_signals_remove(void);

/// Whether SIGTSTP stops this process by itself, as it must while a child of its group has the terminal, instead of being
/// reported.
void cterm_allow_stop(bool allow);

/// Stops this process as the default action of SIGTSTP does; returns when it is continued.
void cterm_stop_self(void);

/// Makes this process' group the terminal's foreground group without being stopped for asking.
/// Returns 0, or -1 with errno.
int cterm_take_foreground(int descriptor);

#endif
