#ifndef CNCURSES_SHIM_H
#define CNCURSES_SHIM_H
// Ask for the wide-character interface before anything includes curses.h.
#define NCURSES_WIDECHAR 1
#include <curses.h>
#endif
