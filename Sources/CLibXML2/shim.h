#pragma once

#include <libxml/xmlversion.h>
// Debian's libxml2 brings ICU's headers along, whose types Foundation's own ICU defines otherwise. They
// are in nothing that is used here: encoding handlers are only passed on.
#undef LIBXML_ICU_ENABLED

#include <libxml/encoding.h>
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <libxml/xmlerror.h>
#include <libxml/xmlschemas.h>
#include <libxml/xmlschemastypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#if LIBXML_VERSION < 21200
#include <libxml/globals.h>  // xmlStructuredError; later in xmlerror.h
#endif

// libxml2 2.12 made the error of a structured handler const. Swift sees one type for both.
typedef void (*clibxml_error_handler)(void *context, const xmlError *error);

// A parser context hands its error handler nothing of ours; `owner` lands in `_private`, which
// libxml2 leaves alone. `on_doctype` runs before a DTD's content is read.
static inline void clibxml_parser_set_hooks(
    xmlParserCtxtPtr context, void *owner, clibxml_error_handler on_error,
    internalSubsetSAXFunc on_doctype) {
  context->_private = owner;
  context->sax->serror = (xmlStructuredErrorFunc)on_error;
  context->sax->internalSubset = on_doctype;
}

static inline void *clibxml_parser_owner(void *context) {
  return ((xmlParserCtxtPtr)context)->_private;
}

// Bytes of the document consumed so far. Exact only without an encoding conversion.
static inline long clibxml_parser_offset(void *context) {
  return xmlByteConsumed((xmlParserCtxtPtr)context);
}

static inline void clibxml_ignore_error(void *context, const xmlError *error) {
  (void)context;
  (void)error;
}

// A conversion has no context to hang a handler on: by default it writes to standard error.
static inline int clibxml_convert_quietly(
    xmlCharEncodingHandlerPtr handler, xmlBufferPtr target, xmlBufferPtr source) {
  xmlStructuredErrorFunc previous = xmlStructuredError;
  void *context = xmlStructuredErrorContext;
  xmlSetStructuredErrorFunc(NULL, (xmlStructuredErrorFunc)clibxml_ignore_error);
  int status = xmlCharEncInFunc(handler, target, source);
  xmlSetStructuredErrorFunc(context, previous);
  return status;
}

static inline void clibxml_schema_parser_set_error_handler(
    xmlSchemaParserCtxtPtr context, clibxml_error_handler on_error, void *owner) {
  xmlSchemaSetParserStructuredErrors(context, (xmlStructuredErrorFunc)on_error, owner);
}

// xmlSchemaSetValidErrors takes variadic callbacks, which Swift cannot write.
static inline void clibxml_schema_valid_set_error_handler(
    xmlSchemaValidCtxtPtr context, clibxml_error_handler on_error, void *owner) {
  xmlSchemaSetValidStructuredErrors(context, (xmlStructuredErrorFunc)on_error, owner);
}

// A heap of libxml2's own: it seeds its hash tables from the clock, so that what it allocates
// differs from run to run, and with it where everything else comes to lie. Blocks are given out in
// order and never taken back. The range is reserved as a whole, its pages come when touched.

static char *clibxml_heap_next = NULL;
static char *clibxml_heap_end = NULL;

static inline void *clibxml_heap_malloc(size_t size) {
  size_t whole = (size + 31) / 16 * 16;  // a header of 16 bytes holds the size
  if (size > (size_t)1 << 40 || (size_t)(clibxml_heap_end - clibxml_heap_next) < whole) return NULL;
  char *block = clibxml_heap_next;
  clibxml_heap_next += whole;
  *(size_t *)block = size;
  return block + 16;
}

static inline void clibxml_heap_free(void *block) { (void)block; }

static inline void *clibxml_heap_realloc(void *block, size_t size) {
  void *copy = clibxml_heap_malloc(size);
  if (!copy || !block) return copy;
  size_t old = *(size_t *)((char *)block - 16);
  return memcpy(copy, block, old < size ? old : size);
}

static inline char *clibxml_heap_strdup(const char *text) {
  size_t size = strlen(text) + 1;
  char *copy = (char *)clibxml_heap_malloc(size);
  return copy ? (char *)memcpy(copy, text, size) : NULL;
}

/// Gives libxml2 `bytes` of memory of its own; only before its first use. Returns 0 or -1.
static inline int clibxml_use_own_heap(size_t bytes) {
  void *range = mmap(
      NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (range == MAP_FAILED) return -1;
  clibxml_heap_next = (char *)range;
  clibxml_heap_end = clibxml_heap_next + bytes;
  return xmlMemSetup(
      clibxml_heap_free, clibxml_heap_malloc, clibxml_heap_realloc, clibxml_heap_strdup);
}

// libxml2's schema code goes on where it gets no memory, and crashes later (2.9.14). What it cannot have
// ends the process instead, with these words and this status.

static const char *clibxml_last_words = "";
static int clibxml_last_status = 1;

static inline void *clibxml_sure(void *block, size_t size) {
  if (block || !size) return block;
  if (write(STDERR_FILENO, clibxml_last_words, strlen(clibxml_last_words)) < 0) {
    // The status says it, too.
  }
  _exit(clibxml_last_status);
}

static inline void *clibxml_sure_malloc(size_t size) { return clibxml_sure(malloc(size), size); }

static inline void *clibxml_sure_realloc(void *block, size_t size) {
  return clibxml_sure(realloc(block, size), size);
}

static inline char *clibxml_sure_strdup(const char *text) {
  return (char *)clibxml_sure(strdup(text), 1);
}

/// Has the process end where libxml2 gets no memory; only before its first use. Returns 0 or -1.
static inline int clibxml_end_without_memory(const char *words, int status) {
  clibxml_last_words = words;
  clibxml_last_status = status;
  return xmlMemSetup(free, clibxml_sure_malloc, clibxml_sure_realloc, clibxml_sure_strdup);
}
