// What Swift cannot call of libcurl: its options and questions are variadic functions.
#pragma once

#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>
#include <stdint.h>
#include <string.h>

/// Prepares the library, once in a process; returns a CURLcode.
static inline CURLcode ccurl_prepare(void) { return curl_global_init(CURL_GLOBAL_DEFAULT); }

/// Takes a part of an answer, `size` being 1; taking less than `count` ends the exchange.
typedef size_t (*ccurl_taker)(char *bytes, size_t size, size_t count, void *owner);

static inline CURLcode ccurl_set_number(CURL *handle, CURLoption option, long value) {
  return curl_easy_setopt(handle, option, value);
}

/// Sets a text, which libcurl copies.
static inline CURLcode ccurl_set_text(CURL *handle, CURLoption option, const char *value) {
  return curl_easy_setopt(handle, option, value);
}

/// Sets something that must live as long as the exchange.
static inline CURLcode ccurl_set_pointer(CURL *handle, CURLoption option, void *value) {
  return curl_easy_setopt(handle, option, value);
}

/// Sets what is sent, which must live as long as the exchange.
static inline CURLcode ccurl_set_body(CURL *handle, const void *bytes, int64_t count) {
  CURLcode code = curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)count);
  return code ? code : curl_easy_setopt(handle, CURLOPT_POSTFIELDS, bytes);
}

/// Sets who takes the answer's head, line by line, and who its body, both with the same `owner`.
static inline CURLcode ccurl_set_takers(
    CURL *handle, ccurl_taker head, ccurl_taker body, void *owner) {
  CURLcode code = curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, head);
  if (!code) code = curl_easy_setopt(handle, CURLOPT_HEADERDATA, owner);
  if (!code) code = curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, body);
  return code ? code : curl_easy_setopt(handle, CURLOPT_WRITEDATA, owner);
}

/// The status of the last answer; 0 where there was none.
static inline long ccurl_status(CURL *handle) {
  long status = 0;
  curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
  return status;
}

/// The C library's words for why a connection did not come about; NULL where it has none.
static inline const char *ccurl_system_words(CURL *handle) {
  long number = 0;
  curl_easy_getinfo(handle, CURLINFO_OS_ERRNO, &number);
  return number > 0 ? strerror((int)number) : NULL;
}

/// Microseconds until the first byte could be sent; 0 where none could.
static inline int64_t ccurl_time_until_sending(CURL *handle) {
  curl_off_t time = 0;
  curl_easy_getinfo(handle, CURLINFO_PRETRANSFER_TIME_T, &time);
  return time;
}

/// Where a redirect leads, as a whole URL; NULL where the answer is none. libcurl's own memory.
static inline const char *ccurl_redirect(CURL *handle) {
  char *place = NULL;
  curl_easy_getinfo(handle, CURLINFO_REDIRECT_URL, &place);
  return place;
}
