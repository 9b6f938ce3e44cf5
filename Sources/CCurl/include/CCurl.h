#ifndef CCURL_H
#define CCURL_H
#define CURL_DISABLE_TYPECHECK 1
#include <curl/curl.h>

// The functions that are used of libcurl. A further one is a word in this list.
#define CCURL_FUNCTIONS(F)                                                                          \
  F(global_init) F(free)                                                                            \
  F(easy_init) F(easy_cleanup) F(easy_pause) F(easy_strerror) F(easy_setopt) F(easy_getinfo)        \
  F(multi_init) F(multi_cleanup) F(multi_add_handle) F(multi_remove_handle) F(multi_perform)        \
  F(multi_poll) F(multi_wakeup) F(multi_info_read) F(multi_strerror) F(multi_setopt)                \
  F(slist_append) F(slist_free_all)                                                                 \
  F(url) F(url_cleanup) F(url_set) F(url_get)

// libcurl, as it was loaded: `easy_init` is curl_easy_init.
typedef struct {
#define CCURL_MEMBER(name) __typeof__(&curl_##name) _Nonnull name;
  CCURL_FUNCTIONS(CCURL_MEMBER)
#undef CCURL_MEMBER
} ccurl;

// Loads a libcurl; it stays for as long as the process. NULL: it cannot be loaded or lacks one of the functions, and
// `reason` is the loader's, valid on this thread until it loads something again.
const ccurl *_Nullable ccurl_load(const char *_Nonnull file, const char *_Nullable *_Nonnull reason);

// easy_setopt, easy_getinfo and multi_setopt are variadic, which Swift cannot call: one typed wrapper for each kind of
// argument.

typedef size_t (*ccurl_data_fn)(char *_Nullable, size_t, size_t, void *_Nullable);
typedef int (*ccurl_seek_fn)(void *_Nullable, curl_off_t, int);
typedef int (*ccurl_sockopt_fn)(void *_Nullable, curl_socket_t, curlsocktype);

static inline CURLcode ccurl_setopt_string(
    const ccurl *_Nonnull c, CURL *_Nonnull h, CURLoption o, const char *_Nullable v) {
  return c->easy_setopt(h, o, v);
}
static inline CURLcode ccurl_setopt_long(const ccurl *_Nonnull c, CURL *_Nonnull h, CURLoption o, long v) {
  return c->easy_setopt(h, o, v);
}
static inline CURLcode ccurl_setopt_offset(const ccurl *_Nonnull c, CURL *_Nonnull h, CURLoption o, curl_off_t v) {
  return c->easy_setopt(h, o, v);
}
static inline CURLcode ccurl_setopt_pointer(
    const ccurl *_Nonnull c, CURL *_Nonnull h, CURLoption o, void *_Nullable v) {
  return c->easy_setopt(h, o, v);
}
static inline CURLcode ccurl_setopt_list(
    const ccurl *_Nonnull c, CURL *_Nonnull h, CURLoption o, struct curl_slist *_Nullable v) {
  return c->easy_setopt(h, o, v);
}
// curl copies the bytes (CURL_BLOB_COPY).
static inline CURLcode ccurl_setopt_blob(
    const ccurl *_Nonnull c, CURL *_Nonnull h, CURLoption o, const void *_Nullable v, size_t count) {
  struct curl_blob blob = {(void *)v, count, CURL_BLOB_COPY};
  return c->easy_setopt(h, o, &blob);
}
static inline CURLcode ccurl_setopt_data_function(
    const ccurl *_Nonnull c, CURL *_Nonnull h, CURLoption o, ccurl_data_fn _Nullable f) {
  return c->easy_setopt(h, o, f);
}
static inline CURLcode ccurl_setopt_seek_function(
    const ccurl *_Nonnull c, CURL *_Nonnull h, ccurl_seek_fn _Nullable f) {
  return c->easy_setopt(h, CURLOPT_SEEKFUNCTION, f);
}
static inline CURLcode ccurl_setopt_sockopt_function(
    const ccurl *_Nonnull c, CURL *_Nonnull h, ccurl_sockopt_fn _Nullable f) {
  return c->easy_setopt(h, CURLOPT_SOCKOPTFUNCTION, f);
}
static inline CURLcode ccurl_getinfo_long(const ccurl *_Nonnull c, CURL *_Nonnull h, CURLINFO i, long *_Nonnull out) {
  return c->easy_getinfo(h, i, out);
}
static inline CURLcode ccurl_getinfo_offset(
    const ccurl *_Nonnull c, CURL *_Nonnull h, CURLINFO i, curl_off_t *_Nonnull out) {
  return c->easy_getinfo(h, i, out);
}
static inline CURLcode ccurl_getinfo_certificates(
    const ccurl *_Nonnull c, CURL *_Nonnull h, struct curl_certinfo *_Nullable *_Nonnull out) {
  return c->easy_getinfo(h, CURLINFO_CERTINFO, out);
}
static inline CURLMcode ccurl_multi_setopt_long(const ccurl *_Nonnull c, CURLM *_Nonnull m, CURLMoption o, long v) {
  return c->multi_setopt(m, o, v);
}

#endif
