/*
 * The field operations for RV32IM, which has 31 registers, a multiplication that gives either half of the product, and no
 * carry flag: a sum's carry is a comparison. Included by arithmetic.c alone; the contract is in arithmetic.h.
 *
 * A multiplication keeps one factor and the upper half of the sum in registers and goes over the other factor word by word.
 * A step adds a product, a word and a carry, 8 instructions. Each row's lowest word is final and is stored in r at once:
 * it takes the place of a word of `a` that has just been read, so r may be a (and b, which is in registers by then).
 */
#define ROW_STEP(in, out, b)                \
	"mul t1, t0, " b "\n"               \
	"mulhu t2, t0, " b "\n"             \
	"add t1, t1, a2\n"                  \
	"sltu a2, t1, a2\n"                 \
	"add t2, t2, a2\n"                  \
	"add " out ", " in ", t1\n"         \
	"sltu a2, " out ", t1\n"            \
	"add a2, a2, t2\n"

/* The same with nothing to add to. */
#define FIRST_STEP(out, b)                  \
	"mul t1, t0, " b "\n"               \
	"mulhu t2, t0, " b "\n"             \
	"add " out ", t1, a2\n"             \
	"sltu a2, " out ", t1\n"            \
	"add a2, a2, t2\n"

/* The upper word w times c's low word in a3, and the carry, onto the stored lower word; the sum takes the place of w. */
#define FOLD_STEP(w, offset, keep)          \
	keep                                \
	"mul t1, a3, " w "\n"               \
	"mulhu t2, a3, " w "\n"             \
	"add t1, t1, a2\n"                  \
	"sltu a2, t1, a2\n"                 \
	"add t2, t2, a2\n"                  \
	"lw t0, " offset "(a0)\n"           \
	"add " w ", t0, t1\n"               \
	"sltu a2, " w ", t0\n"              \
	"add a2, a2, t2\n"

/* For secp256k1 the word before it as well (c's high word is 1). */
#define FOLD_SHIFTED(w, previous)           \
	"add " w ", " w ", " previous "\n"  \
	"sltu t1, " w ", " previous "\n"    \
	"add a2, a2, t1\n"

#define CARRY_INTO(w)                       \
	"add " w ", " w ", a2\n"            \
	"sltu a2, " w ", a2\n"

#define STORE_RESULT                        \
	"sw a4, 0(a0)\n"                    \
	"sw a5, 4(a0)\n"                    \
	"sw a6, 8(a0)\n"                    \
	"sw a7, 12(a0)\n"                   \
	"sw t3, 16(a0)\n"                   \
	"sw t4, 20(a0)\n"                   \
	"sw t5, 24(a0)\n"                   \
	"sw t6, 28(a0)\n"

#define UNUSED __attribute__((unused))

__attribute__((naked, noinline)) void signer_field_multiply(uint32_t r[8] UNUSED, const uint32_t a[8] UNUSED,
                                                            const uint32_t b[8] UNUSED, uint32_t field UNUSED) {
	__asm__(
		"addi sp, sp, -48\n"
		"sw s0, 0(sp)\n"
		"sw s1, 4(sp)\n"
		"sw s2, 8(sp)\n"
		"sw s3, 12(sp)\n"
		"sw s4, 16(sp)\n"
		"sw s5, 20(sp)\n"
		"sw s6, 24(sp)\n"
		"sw s7, 28(sp)\n"
		"sw s8, 32(sp)\n"
		"lw s0, 0(a2)\n"
		"lw s1, 4(a2)\n"
		"lw s2, 8(a2)\n"
		"lw s3, 12(a2)\n"
		"lw s4, 16(a2)\n"
		"lw s5, 20(a2)\n"
		"lw s6, 24(a2)\n"
		"lw s7, 28(a2)\n"
		"lw t0, 0(a1)\n"
		"addi s8, a1, 28\n"
		"mul t1, t0, s0\n"
		"sw t1, 0(a0)\n"
		"mulhu a2, t0, s0\n"
		FIRST_STEP("a4", "s1")
		FIRST_STEP("a5", "s2")
		FIRST_STEP("a6", "s3")
		FIRST_STEP("a7", "s4")
		FIRST_STEP("t3", "s5")
		FIRST_STEP("t4", "s6")
		FIRST_STEP("t5", "s7")
		"mv t6, a2\n"
		"1:\n"
		"lw t0, 4(a1)\n"
		"addi a1, a1, 4\n"
		"addi a0, a0, 4\n"
		"mul t1, t0, s0\n"
		"mulhu t2, t0, s0\n"
		"add a4, a4, t1\n"
		"sltu a2, a4, t1\n"
		"add a2, a2, t2\n"
		"sw a4, 0(a0)\n"
		ROW_STEP("a5", "a4", "s1")
		ROW_STEP("a6", "a5", "s2")
		ROW_STEP("a7", "a6", "s3")
		ROW_STEP("t3", "a7", "s4")
		ROW_STEP("t4", "t3", "s5")
		ROW_STEP("t5", "t4", "s6")
		ROW_STEP("t6", "t5", "s7")
		"mv t6, a2\n"
		"bne a1, s8, 1b\n"
		"addi a0, a0, -28\n"
		"li a2, 0\n"
		"srli t0, a3, 9\n"
		"bnez t0, 2f\n"

		FOLD_STEP("a4", "0", "")
		FOLD_STEP("a5", "4", "")
		FOLD_STEP("a6", "8", "")
		FOLD_STEP("a7", "12", "")
		FOLD_STEP("t3", "16", "")
		FOLD_STEP("t4", "20", "")
		FOLD_STEP("t5", "24", "")
		FOLD_STEP("t6", "28", "")
		/* The carry, at most 38, once more; should that wrap, the lowest word is small and takes the last one. */
		"mul a2, a2, a3\n"
		CARRY_INTO("a4")
		CARRY_INTO("a5")
		CARRY_INTO("a6")
		CARRY_INTO("a7")
		CARRY_INTO("t3")
		CARRY_INTO("t4")
		CARRY_INTO("t5")
		CARRY_INTO("t6")
		"mul a2, a2, a3\n"
		"add a4, a4, a2\n"
		"j 3f\n"

		"2:\n"
		FOLD_STEP("a4", "0", "mv s0, a4\n")
		FOLD_STEP("a5", "4", "mv s1, a5\n")
		FOLD_SHIFTED("a5", "s0")
		FOLD_STEP("a6", "8", "mv s0, a6\n")
		FOLD_SHIFTED("a6", "s1")
		FOLD_STEP("a7", "12", "mv s1, a7\n")
		FOLD_SHIFTED("a7", "s0")
		FOLD_STEP("t3", "16", "mv s0, t3\n")
		FOLD_SHIFTED("t3", "s1")
		FOLD_STEP("t4", "20", "mv s1, t4\n")
		FOLD_SHIFTED("t4", "s0")
		FOLD_STEP("t5", "24", "mv s0, t5\n")
		FOLD_SHIFTED("t5", "s1")
		FOLD_STEP("t6", "28", "mv s1, t6\n")
		FOLD_SHIFTED("t6", "s0")
		/* What is left is (t1, a2) = a2 + s1, t1 its carry: times 977, and times 2^32. */
		"add a2, a2, s1\n"
		"sltu t1, a2, s1\n"
		"mul t2, a2, a3\n"
		"mulhu t0, a2, a3\n"
		"add a4, a4, t2\n"
		"sltu t2, a4, t2\n"
		"add t0, t0, t2\n"
		"neg t2, t1\n"
		"and t2, t2, a3\n"
		"add t0, t0, t2\n"
		"add a5, a5, t0\n"
		"sltu t0, a5, t0\n"
		"add t1, t1, t0\n"
		"add a5, a5, a2\n"
		"sltu a2, a5, a2\n"
		"add a2, a2, t1\n"
		CARRY_INTO("a6")
		CARRY_INTO("a7")
		CARRY_INTO("t3")
		CARRY_INTO("t4")
		CARRY_INTO("t5")
		CARRY_INTO("t6")
		/* Should that wrap, the two lowest words are small. */
		"neg t0, a2\n"
		"and t0, t0, a3\n"
		"add a4, a4, t0\n"
		"sltu t0, a4, t0\n"
		"add a2, a2, t0\n"
		"add a5, a5, a2\n"

		"3:\n"
		STORE_RESULT
		"lw s0, 0(sp)\n"
		"lw s1, 4(sp)\n"
		"lw s2, 8(sp)\n"
		"lw s3, 12(sp)\n"
		"lw s4, 16(sp)\n"
		"lw s5, 20(sp)\n"
		"lw s6, 24(sp)\n"
		"lw s7, 28(sp)\n"
		"lw s8, 32(sp)\n"
		"addi sp, sp, 48\n"
		"ret\n");
}

#define ADD_WORD(w, offset)                 \
	"lw " w ", " offset "(a1)\n"        \
	"lw t0, " offset "(a2)\n"           \
	"add " w ", " w ", t0\n"            \
	"sltu t0, " w ", t0\n"              \
	"add " w ", " w ", t1\n"            \
	"sltu t1, " w ", t1\n"              \
	"add t1, t1, t0\n"

#define CARRY_T1_INTO(w)                    \
	"add " w ", " w ", t1\n"            \
	"sltu t1, " w ", t1\n"

__attribute__((naked, noinline)) void signer_field_add(uint32_t r[8] UNUSED, const uint32_t a[8] UNUSED,
                                                       const uint32_t b[8] UNUSED, uint32_t field UNUSED) {
	__asm__(
		"li t1, 0\n"
		ADD_WORD("a4", "0")
		ADD_WORD("a5", "4")
		ADD_WORD("a6", "8")
		ADD_WORD("a7", "12")
		ADD_WORD("t3", "16")
		ADD_WORD("t4", "20")
		ADD_WORD("t5", "24")
		ADD_WORD("t6", "28")
		"srli a1, a3, 9\n"
		"mul a2, t1, a3\n"
		"and t0, t1, a1\n"
		"add a4, a4, a2\n"
		"sltu t1, a4, a2\n"
		"add t1, t1, t0\n"
		CARRY_T1_INTO("a5")
		CARRY_T1_INTO("a6")
		CARRY_T1_INTO("a7")
		CARRY_T1_INTO("t3")
		CARRY_T1_INTO("t4")
		CARRY_T1_INTO("t5")
		CARRY_T1_INTO("t6")
		/* Should that wrap, all words but the two lowest are zero and those are small. */
		"mul a2, t1, a3\n"
		"and t0, t1, a1\n"
		"add a4, a4, a2\n"
		"sltu t1, a4, a2\n"
		"add t1, t1, t0\n"
		"add a5, a5, t1\n"
		STORE_RESULT
		"ret\n");
}

#define SUBTRACT_WORD(w, offset)            \
	"lw t2, " offset "(a1)\n"           \
	"lw t0, " offset "(a2)\n"           \
	"sub " w ", t2, t0\n"               \
	"sltu t2, t2, t0\n"                 \
	"sltu t0, " w ", t1\n"              \
	"sub " w ", " w ", t1\n"            \
	"add t1, t0, t2\n"

#define BORROW_T1_FROM(w)                   \
	"sltu t0, " w ", t1\n"              \
	"sub " w ", " w ", t1\n"            \
	"mv t1, t0\n"

__attribute__((naked, noinline)) void signer_field_subtract(uint32_t r[8] UNUSED, const uint32_t a[8] UNUSED,
                                                            const uint32_t b[8] UNUSED, uint32_t field UNUSED) {
	__asm__(
		"li t1, 0\n"
		SUBTRACT_WORD("a4", "0")
		SUBTRACT_WORD("a5", "4")
		SUBTRACT_WORD("a6", "8")
		SUBTRACT_WORD("a7", "12")
		SUBTRACT_WORD("t3", "16")
		SUBTRACT_WORD("t4", "20")
		SUBTRACT_WORD("t5", "24")
		SUBTRACT_WORD("t6", "28")
		"srli a1, a3, 9\n"
		"mul a2, t1, a3\n"
		"and t2, t1, a1\n"
		"sltu t1, a4, a2\n"
		"sub a4, a4, a2\n"
		"add t1, t1, t2\n"
		BORROW_T1_FROM("a5")
		BORROW_T1_FROM("a6")
		BORROW_T1_FROM("a7")
		BORROW_T1_FROM("t3")
		BORROW_T1_FROM("t4")
		BORROW_T1_FROM("t5")
		BORROW_T1_FROM("t6")
		/* Should that wrap, all words but the two lowest are all ones and those are large. */
		"mul a2, t1, a3\n"
		"and t2, t1, a1\n"
		"sltu t1, a4, a2\n"
		"sub a4, a4, a2\n"
		"add t1, t1, t2\n"
		"sub a5, a5, t1\n"
		STORE_RESULT
		"ret\n");
}
