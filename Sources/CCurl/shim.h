#ifndef CCURL_SHIM_H
#define CCURL_SHIM_H
#define CURL_DISABLE_TYPECHECK 1
#include <curl/curl.h>

// curl_easy_setopt, curl_easy_getinfo and curl_multi_setopt are variadic, which Swift cannot call:
// one typed wrapper for each kind of argument.

typedef size_t (*ccurl_data_fn)(char *_Nullable, size_t, size_t, void *_Nullable);
typedef int (*ccurl_seek_fn)(void *_Nullable, curl_off_t, int);
typedef int (*ccurl_sockopt_fn)(void *_Nullable, curl_socket_t, curlsocktype);

static inline CURLcode ccurl_setopt_string(CURL *_Nonnull h, CURLoption o, const char *_Nullable v) {
  return curl_easy_setopt(h, o, v);
}
static inline CURLcode ccurl_setopt_long(CURL *_Nonnull h, CURLoption o, long v) {
  return curl_easy_setopt(h, o, v);
}
static inline CURLcode ccurl_setopt_offset(CURL *_Nonnull h, CURLoption o, curl_off_t v) {
  return curl_easy_setopt(h, o, v);
}
static inline CURLcode ccurl_setopt_pointer(CURL *_Nonnull h, CURLoption o, void *_Nullable v) {
  return curl_easy_setopt(h, o, v);
}
static inline CURLcode ccurl_setopt_list(CURL *_Nonnull h, CURLoption o, struct curl_slist *_Nullable v) {
  return curl_easy_setopt(h, o, v);
}
// curl copies the bytes (CURL_BLOB_COPY).
static inline CURLcode ccurl_setopt_blob(CURL *_Nonnull h, CURLoption o, const void *_Nullable v, size_t count) {
  struct curl_blob blob = {(void *)v, count, CURL_BLOB_COPY};
  return curl_easy_setopt(h, o, &blob);
}
static inline CURLcode ccurl_setopt_data_function(CURL *_Nonnull h, CURLoption o, ccurl_data_fn _Nullable f) {
  return curl_easy_setopt(h, o, f);
}
static inline CURLcode ccurl_setopt_seek_function(CURL *_Nonnull h, ccurl_seek_fn _Nullable f) {
  return curl_easy_setopt(h, CURLOPT_SEEKFUNCTION, f);
}
static inline CURLcode ccurl_setopt_sockopt_function(CURL *_Nonnull h, ccurl_sockopt_fn _Nullable f) {
  return curl_easy_setopt(h, CURLOPT_SOCKOPTFUNCTION, f);
}
static inline CURLcode ccurl_getinfo_long(CURL *_Nonnull h, CURLINFO i, long *_Nonnull out) {
  return curl_easy_getinfo(h, i, out);
}
static inline CURLcode ccurl_getinfo_offset(CURL *_Nonnull h, CURLINFO i, curl_off_t *_Nonnull out) {
  return curl_easy_getinfo(h, i, out);
}
static inline CURLcode ccurl_getinfo_certificates(CURL *_Nonnull h, struct curl_certinfo *_Nullable *_Nonnull out) {
  return curl_easy_getinfo(h, CURLINFO_CERTINFO, out);
}
static inline CURLMcode ccurl_multi_setopt_long(CURLM *_Nonnull m, CURLMoption o, long v) {
  return curl_multi_setopt(m, o, v);
}

#endif
