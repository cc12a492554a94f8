/* What a C extension could do in one call, for tools.sending only; no part of the server. */

#include <errno.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <string.h>
#include <sys/socket.h>

struct message {
    SSL *ssl;
    const char *data;
    int size;
    int descriptor;
};

void send_all(const struct message *messages, int count, int *results)
{
    for (int i = 0; i < count; i++) {
        const struct message *m = messages + i;
        long sent = send(m->descriptor, m->data, m->size, MSG_DONTWAIT | MSG_NOSIGNAL);
        results[i] = sent < 0 ? -errno : (int)sent;
    }
}

void write_all(const struct message *messages, int count, int *results)
{
    for (int i = 0; i < count; i++) {
        ERR_clear_error();
        results[i] = SSL_write(messages[i].ssl, messages[i].data, messages[i].size);
    }
}

/* Encrypt all into memory, then send all: what OpenSSL needs is not driven out of the cache by the
   system's sending after each message. */
void encrypt_then_send_all(const struct message *messages, int count, int *results)
{
    static char records[1 << 22];
    static int ends[1 << 14];
    BIO *memory = BIO_new(BIO_s_mem());
    int end = 0;
    for (int i = 0; i < count; i++) {
        SSL *ssl = messages[i].ssl;
        BIO *socket_bio = SSL_get_wbio(ssl);
        char *record;
        BIO_up_ref(socket_bio);
        BIO_up_ref(memory);
        SSL_set0_wbio(ssl, memory);
        results[i] = SSL_write(ssl, messages[i].data, messages[i].size);
        SSL_set0_wbio(ssl, socket_bio);
        long size = BIO_get_mem_data(memory, &record);
        memcpy(records + end, record, size);
        ends[i] = end += size;
        BIO_reset(memory);
    }
    BIO_free(memory);
    for (int i = 0, begin = 0; i < count; begin = ends[i++]) {
        long size = ends[i] - begin;
        if (send(messages[i].descriptor, records + begin, size, MSG_DONTWAIT | MSG_NOSIGNAL) != size)
            results[i] = -errno;
    }
}
