/*
 * The functions that the native signer needs from its port: key records by slot, and random bytes. Each port supplies these four
 * functions (NVS and the hardware generator on an ESP32, files and getrandom on the XS host). A record is a byte for the
 * curve, and the 32 bytes of the private key (secp256k1) or the 96 of the expanded key (ed25519, `signer_ed25519_expand`);
 * a bare seed of 32 bytes works too, and costs a second multiplication each time. No record passes through JavaScript.
 */
#ifndef SIGNER_PORT_H
#define SIGNER_PORT_H

#include <stddef.h>
#include <stdint.h>

enum { SIGNER_SECP256K1 = 0, SIGNER_ED25519 = 1 };
enum { SIGNER_PORT_OK = 0, SIGNER_PORT_FAILED = 1 };

#define SIGNER_SLOTS 256
#define SIGNER_RECORD 97

/* Returns the length of the record, at most SIGNER_RECORD; 0 for an empty slot; negative on failure. */
int signer_port_read(int slot, uint8_t record[SIGNER_RECORD]);
/* SIGNER_PORT_OK or SIGNER_PORT_FAILED, as below. Durable and atomic: after a power cut the slot holds its old record or
   the new one. */
int signer_port_write(int slot, const uint8_t *record, size_t length);
/* Erases a record. Idempotent. */
int signer_port_erase(int slot);
/* Fills the buffer from the hardware generator. */
int signer_port_random(uint8_t *bytes, size_t length);

#endif
