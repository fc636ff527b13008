#ifndef HTTP_SHIM_H
#define HTTP_SHIM_H

// What Swift cannot call by itself: the variadic functions of libmicrohttpd and libcurl.

#include <curl/curl.h>
#include <microhttpd.h>
#include <stddef.h>

/// What a server is started with.
struct http_server_options {
    int listen_socket;  ///< bound and listening; closed by MHD_stop_daemon
    unsigned int connection_limit;
    unsigned int idle_seconds;
    MHD_AccessHandlerCallback answer;
    MHD_RequestCompletedCallback completed;
    void *context;  ///< handed to both callbacks
};

/// Starts a daemon with one thread for each connection; NULL when that fails.
struct MHD_Daemon *http_server_start(const struct http_server_options *options);

/// Answers with a copy of the bytes, which are never cached or sniffed.
enum MHD_Result http_server_reply(struct MHD_Connection *connection, unsigned int status,
                                  const char *content_type, const void *bytes, size_t count);

/// Receives a piece of a reply; returning less than size * count ends the transfer.
typedef size_t (*http_receive)(char *bytes, size_t size, size_t count, void *context);

CURLcode http_client_prepare(void);
CURLcode http_client_set_number(CURL *easy, CURLoption option, long value);
CURLcode http_client_set_text(CURL *easy, CURLoption option, const char *value);
CURLcode http_client_set_headers(CURL *easy, struct curl_slist *headers);
CURLcode http_client_set_body(CURL *easy, const void *bytes, size_t count);
CURLcode http_client_set_receiver(CURL *easy, http_receive receive, void *context);
long http_client_number(CURL *easy, CURLINFO which);
const char *http_client_text(CURL *easy, CURLINFO which);

#endif
