/*
 * The comb that multiplies a base point by a secret scalar, for both curves.
 *
 * 4 blocks of 5 teeth, 13 bits apart: 260 bits, each read as +1 or -1, in 52 additions and 12 doublings. The table holds
 * half of the sign combinations of each block (4 x 16 points); the other half are their negatives. Of each block it has the
 * first words of the 16 entries, then their second words, and so on.
 *
 * Each table entry, and the accumulator with it, carries a tag: the integer (in halves of the base point) that the point
 * is a multiple by, modulo 2^32 - 5. It is added where the points are added and doubled where they are doubled. At the
 * end it must agree with the scalar: so a wrong entry, a wrong sign, an addition or a doubling left out or done twice
 * shows, but for one time in 2^31.
 */
#ifndef SIGNER_COMB_H
#define SIGNER_COMB_H

#include "arithmetic.h"

#define SIGNER_COMB_BLOCKS 4
#define SIGNER_COMB_SPACING 13

/* Sets bits = k + offset: read as ±1, they represent 2k plus a multiple of the order, due to the curve's `offset`. */
void signer_comb_recode(uint32_t bits[9], const uint32_t k[8], const uint32_t offset[8]);

/* Copies the entry for a block and a position, without its sign, touching every entry of the block; the result is all
   ones where the entry is to be negated. */
uint32_t signer_comb_look_up(uint32_t *entry, const uint32_t *table, size_t words, const uint32_t bits[9], int block,
                             int position);

/* All ones if a sum with this tag is the multiple by k. `excess` is the tag of that multiple of the order. */
uint32_t signer_comb_check(uint32_t tag, const uint32_t k[8], uint32_t excess);

uint32_t signer_tag_add(uint32_t a, uint32_t b);
uint32_t signer_tag_negate_if(uint32_t a, uint32_t mask);

#endif
