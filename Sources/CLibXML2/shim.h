#pragma once

#include <libxml/encoding.h>
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <libxml/xmlerror.h>
#include <libxml/xmlschemas.h>
#include <libxml/xmlversion.h>
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
