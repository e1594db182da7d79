/*
 * Modular inverse in constant time by divsteps (Bernstein and Yang, "Fast constant-time gcd computation and modular
 * inversion", 2019), with delta starting at 1/2, for which 590 steps suffice for 256-bit inputs (Wuille). 20 rounds of
 * 30 steps: each round runs on the low words of f and g alone, gives a 2 x 2 matrix, and applies it to f, g and, modulo
 * m, to d, e. Numbers are nine signed words of 30 bits.
 */
#include "arithmetic.h"

#include <string.h>

#define MASK30 0x3fffffff

typedef struct {
	int32_t u, v, q, r;
} matrix;

static void words30_from_words(int32_t r[9], const uint32_t a[8]) {
	uint64_t bits = 0;
	int have = 0;
	const uint32_t *next = a;
	for (int i = 0; i < 9; i++) {
		if (have < 30 && next < a + 8) {
			bits |= (uint64_t)*next++ << have;
			have += 32;
		}
		r[i] = (int32_t)(bits & MASK30);
		bits >>= 30;
		have -= 30;
	}
}

static void words_from_words30(uint32_t r[8], const int32_t a[9]) {
	uint64_t bits = 0;
	int have = 0;
	const int32_t *next = a;
	for (int i = 0; i < 8; i++) {
		while (have < 32) {
			bits |= (uint64_t)(uint32_t)*next++ << have;
			have += 30;
		}
		r[i] = (uint32_t)bits;
		bits >>= 32;
		have -= 32;
	}
}

/* The two factors of a row packed as low + 2^16 high, each above -2^15 and at most 2^15. */
static int32_t low_factor(uint32_t row) { return (int32_t)((row + 0x7fff) & 0xffff) - 0x7fff; }
static int32_t high_factor(uint32_t row) { return low_factor((row - (uint32_t)low_factor(row)) >> 16); }

/* 15 divsteps on the low words of f and g, and their matrix, which is the steps' times 2^15. zeta is -(delta + 1/2). */
static int32_t divsteps(int32_t zeta, uint32_t *low_f, uint32_t *low_g, matrix *t) {
	uint32_t f = *low_f, g = *low_g;
	/* Both factors of a row at once: what is done to them is linear, and 15 steps do not outgrow 16 bits. */
	uint32_t uv = 1, qr = 0x10000;
	for (int i = 0; i < 15; i++) {
		uint32_t swap = (uint32_t)(zeta >> 31);
		uint32_t odd = 0 - (g & 1);
		/* g is odd: add f or, where delta is positive, take f away ... */
		g += ((f ^ swap) - swap) & odd;
		qr += ((uv ^ swap) - swap) & odd;
		/* ... and then f becomes the old g: f + (g - f). */
		swap &= odd;
		zeta = (int32_t)(((uint32_t)zeta ^ swap) - 1);
		f += g & swap;
		uv += qr & swap;
		g >>= 1;
		uv <<= 1;
	}
	*low_f = f;
	*low_g = g;
	t->u = low_factor(uv);
	t->v = high_factor(uv);
	t->q = low_factor(qr);
	t->r = high_factor(qr);
	return zeta;
}

/* 30 divsteps: 15 and then 15, and the product of their matrices. */
static int32_t divsteps_twice(int32_t zeta, uint32_t f, uint32_t g, matrix *t) {
	matrix first;
	zeta = divsteps(zeta, &f, &g, &first);
	zeta = divsteps(zeta, &f, &g, t);
	int32_t u = t->u * first.u + t->v * first.q;
	t->v = t->u * first.v + t->v * first.r;
	t->u = u;
	int32_t q = t->q * first.u + t->r * first.q;
	t->r = t->q * first.v + t->r * first.r;
	t->q = q;
	return zeta;
}

/* (f, g) = t (f, g) / 2^30, exactly. */
static void update_fg(int32_t f[9], int32_t g[9], const matrix *t) {
	int64_t cf = (int64_t)t->u * f[0] + (int64_t)t->v * g[0];
	int64_t cg = (int64_t)t->q * f[0] + (int64_t)t->r * g[0];
	cf >>= 30;
	cg >>= 30;
	for (int i = 1; i < 9; i++) {
		cf += (int64_t)t->u * f[i] + (int64_t)t->v * g[i];
		cg += (int64_t)t->q * f[i] + (int64_t)t->r * g[i];
		f[i - 1] = (int32_t)(cf & MASK30);
		g[i - 1] = (int32_t)(cg & MASK30);
		cf >>= 30;
		cg >>= 30;
	}
	f[8] = (int32_t)cf;
	g[8] = (int32_t)cg;
}

/* (d, e) = t (d, e) / 2^30 mod m. Both stay in (-2m, m). */
static void update_de(int32_t d[9], int32_t e[9], const matrix *t, const int32_t m[9], uint32_t negative_inverse) {
	/* Where d or e is negative, m is added to it: that is, its column of the matrix to the factors of m. */
	int32_t d_sign = d[8] >> 31;
	int32_t e_sign = e[8] >> 31;
	int32_t md = (t->u & d_sign) + (t->v & e_sign);
	int32_t me = (t->q & d_sign) + (t->r & e_sign);
	int64_t cd = (int64_t)t->u * d[0] + (int64_t)t->v * e[0];
	int64_t ce = (int64_t)t->q * d[0] + (int64_t)t->r * e[0];
	/* Less a number below 2^30 that makes the low 30 bits zero. */
	md -= (int32_t)(((uint32_t)md - negative_inverse * (uint32_t)cd) & MASK30);
	me -= (int32_t)(((uint32_t)me - negative_inverse * (uint32_t)ce) & MASK30);
	cd += (int64_t)m[0] * md;
	ce += (int64_t)m[0] * me;
	cd >>= 30;
	ce >>= 30;
	for (int i = 1; i < 9; i++) {
		cd += (int64_t)t->u * d[i] + (int64_t)t->v * e[i] + (int64_t)m[i] * md;
		ce += (int64_t)t->q * d[i] + (int64_t)t->r * e[i] + (int64_t)m[i] * me;
		d[i - 1] = (int32_t)(cd & MASK30);
		e[i - 1] = (int32_t)(ce & MASK30);
		cd >>= 30;
		ce >>= 30;
	}
	d[8] = (int32_t)cd;
	e[8] = (int32_t)ce;
}

/* d += m where d is negative; then d = -d where sign is all ones; words carried to 30 bits. */
static void adjust(int32_t d[9], const int32_t m[9], int32_t sign) {
	int32_t add = d[8] >> 31;
	int32_t carry = 0;
	for (int i = 0; i < 9; i++) {
		carry += ((d[i] + (m[i] & add)) ^ sign) - sign;
		d[i] = i < 8 ? carry & MASK30 : carry;
		carry >>= 30;
	}
}

void signer_inverse(uint32_t r[8], const uint32_t a[8], const signer_modulus *modulus) {
	struct {
		int32_t m[9], f[9], g[9], d[9], e[9];
		matrix t;
	} s;
	memset(&s, 0, sizeof s);
	words30_from_words(s.m, modulus->m);
	memcpy(s.f, s.m, sizeof s.f);
	words30_from_words(s.g, a);
	s.e[0] = 1;
	int32_t zeta = -1;
	for (int i = 0; i < 20; i++) {
		zeta = divsteps_twice(zeta, (uint32_t)s.f[0] | (uint32_t)s.f[1] << 30, (uint32_t)s.g[0] | (uint32_t)s.g[1] << 30, &s.t);
		update_de(s.d, s.e, &s.t, s.m, modulus->negative_inverse);
		update_fg(s.f, s.g, &s.t);
	}
	/* f is 1 or -1 (or m, when a is 0 and d with it), and d is its sign over a. */
	adjust(s.d, s.m, s.f[8] >> 31);
	adjust(s.d, s.m, 0);
	words_from_words30(r, s.d);
	signer_clear(&s, sizeof s);
}
