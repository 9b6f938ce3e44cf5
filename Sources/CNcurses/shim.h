#ifndef CNCURSES_SHIM_H
#define CNCURSES_SHIM_H
// Ask for the wide-character interface before anything includes curses.h.
#define NCURSES_WIDECHAR 1
#include <curses.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/ioctl.h>
// Its macros claim names such as `columns` and `lines`: use others below.
#include <term.h>

// glibc declares wcwidth only under _XOPEN_SOURCE, which the importer does not set.
int wcwidth(wchar_t);

// Mutable globals, which Swift 6 refuses.
static inline WINDOW *_Nullable cncurses_stdscr(void) { return stdscr; }
static inline TERMINAL *_Nullable cncurses_cur_term(void) { return cur_term; }
static inline SCREEN *_Nullable cncurses_newterm(const char *_Nonnull type) { return newterm(type, stdout, stdin); }

// Casts that the importer cannot read.
static inline attr_t cncurses_normal(void) { return A_NORMAL; }
static inline attr_t cncurses_bold(void) { return A_BOLD; }
static inline attr_t cncurses_dim(void) { return A_DIM; }
static inline attr_t cncurses_reverse(void) { return A_REVERSE; }
static inline attr_t cncurses_underline(void) { return A_UNDERLINE; }

// tigetstr says (char *)-1 for "not a string capability"; both failures are NULL here.
static inline const char *_Nullable cncurses_capability(const char *_Nonnull name) {
  const char *value = tigetstr(name);
  return value == (const char *)-1 ? NULL : value;
}

// `text` is a zero-terminated base character and its combining marks, at most CCHARW_MAX in all.
static inline int cncurses_put(
    WINDOW *_Nonnull window, int y, int x, const wchar_t *_Nonnull text, attr_t attributes, int pair) {
  cchar_t cell;
  if (setcchar(&cell, text, attributes, (short)pair, NULL) == ERR) return ERR;
  return mvwadd_wch(window, y, x, &cell);
}

// ioctl is variadic.
static inline int cncurses_window_size(int descriptor, int *_Nonnull height, int *_Nonnull width) {
  struct winsize size;
  if (ioctl(descriptor, TIOCGWINSZ, &size) != 0) return -1;
  *height = size.ws_row;
  *width = size.ws_col;
  return 0;
}
static inline int cncurses_bytes_waiting(int descriptor) {
  int count = 0;
  return ioctl(descriptor, FIONREAD, &count) == 0 ? count : -1;
}
#endif
