// libcurl is loaded when it is first needed, not linked. It brings thirty libraries along, Kerberos, LDAP and GnuTLS
// among them, and with them the program took twice as long to start, also where it only said its version or completed
// a command line.
#include "CCurl.h"

#include <dlfcn.h>
#include <stdlib.h>

const ccurl *ccurl_load(const char *file, const char **reason) {
  // Checked while the library is loaded, not in the middle of a request: all that it needs is there (RTLD_NOW).
  void *library = dlopen(file, RTLD_NOW | RTLD_LOCAL);
  ccurl *found = library ? malloc(sizeof *found) : NULL;
  if (!found) goto fail;
#define FIND(name)                                          \
  *(void **)&found->name = dlsym(library, "curl_" #name);   \
  if (!*(void **)&found->name) goto fail;
  CCURL_FUNCTIONS(FIND)
  return found;

fail:
  *reason = dlerror();
  free(found);
  return NULL;
}
