#include "http_shim.h"

struct MHD_Daemon *http_server_start(const struct http_server_options *options) {
    return MHD_start_daemon(
        MHD_USE_AUTO_INTERNAL_THREAD | MHD_USE_THREAD_PER_CONNECTION | MHD_USE_ITC, 0, NULL, NULL,
        options->answer, options->context,
        MHD_OPTION_LISTEN_SOCKET, options->listen_socket,
        MHD_OPTION_CONNECTION_LIMIT, options->connection_limit,
        MHD_OPTION_CONNECTION_TIMEOUT, options->idle_seconds,
        MHD_OPTION_NOTIFY_COMPLETED, options->completed, options->context,
        MHD_OPTION_STRICT_FOR_CLIENT, 1,
        MHD_OPTION_END);
}

enum MHD_Result http_server_reply(struct MHD_Connection *connection, unsigned int status,
                                  const char *content_type, const void *bytes, size_t count) {
    struct MHD_Response *response =
        MHD_create_response_from_buffer(count, (void *)bytes, MHD_RESPMEM_MUST_COPY);
    if (response == NULL) return MHD_NO;
    MHD_add_response_header(response, "Content-Type", content_type);
    MHD_add_response_header(response, "Cache-Control", "no-store");
    MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
    enum MHD_Result queued = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return queued;
}

CURLcode http_client_prepare(void) {
    return curl_global_init(CURL_GLOBAL_DEFAULT);
}

CURLcode http_client_set_number(CURL *easy, CURLoption option, long value) {
    return curl_easy_setopt(easy, option, value);
}

CURLcode http_client_set_text(CURL *easy, CURLoption option, const char *value) {
    return curl_easy_setopt(easy, option, value);
}

CURLcode http_client_set_headers(CURL *easy, struct curl_slist *headers) {
    return curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
}

CURLcode http_client_set_body(CURL *easy, const void *bytes, size_t count) {
    CURLcode sized = curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)count);
    if (sized != CURLE_OK) return sized;
    return curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, (const char *)bytes);
}

CURLcode http_client_set_receiver(CURL *easy, http_receive receive, void *context) {
    CURLcode set = curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, receive);
    if (set != CURLE_OK) return set;
    return curl_easy_setopt(easy, CURLOPT_WRITEDATA, context);
}

long http_client_number(CURL *easy, CURLINFO which) {
    long value = 0;
    curl_easy_getinfo(easy, which, &value);
    return value;
}

const char *http_client_text(CURL *easy, CURLINFO which) {
    char *value = NULL;
    curl_easy_getinfo(easy, which, &value);
    return value;
}
