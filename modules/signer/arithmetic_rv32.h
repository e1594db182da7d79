/*
 * The field operations for RV32IM, which has 31 registers, a multiplication that gives either half of the product, and no
 * carry flag: a sum's carry is a comparison. Included by arithmetic.c alone; the contract is in arithmetic.h.
 *
 * A multiplication keeps one factor and the upper half of the sum in registers and goes over the other factor word by word.
 * A step adds a product, a word and a carry, 8 instructions. Each row's lowest word is final and is stored in r at once:
 * it takes the place of a word of `a` that has just been read, so r may be a (and b, which is in registers by then).
 */
#define ROW_STEP(in, out, b, carry)         \
	"mul t1, t0, " b "\n"               \
	"mulhu t2, t0, " b "\n"             \
	"add t1, t1, a2\n"                  \
	"sltu a2, t1, a2\n"                 \
	"add t2, t2, a2\n"                  \
	"add " out ", " in ", t1\n"         \
	"sltu a2, " out ", t1\n"            \
	"add " carry ", a2, t2\n"

/* The same with nothing to add to. A row's last step leaves its carry as the uppermost word. */
#define FIRST_STEP(out, b, carry)           \
	"mul t1, t0, " b "\n"               \
	"mulhu t2, t0, " b "\n"             \
	"add " out ", t1, a2\n"             \
	"sltu a2, " out ", t1\n"            \
	"add " carry ", a2, t2\n"

/* An upper word times c's low word in a3, and the carry, onto the stored lower word. */
#define FOLD_STEP(w, offset, sum)           \
	"mul t1, a3, " w "\n"               \
	"mulhu t2, a3, " w "\n"             \
	"add t1, t1, a2\n"                  \
	"sltu a2, t1, a2\n"                 \
	"add t2, t2, a2\n"                  \
	"lw t0, " offset "(a0)\n"           \
	"add " sum ", t0, t1\n"             \
	"sltu a2, " sum ", t0\n"            \
	"add a2, a2, t2\n"

/* For secp256k1 the upper word before it as well (c's high word is 1). */
#define FOLD_SHIFTED(w, sum)                \
	"add " sum ", " sum ", " w "\n"     \
	"sltu t1, " sum ", " w "\n"         \
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
		FIRST_STEP("a4", "s1", "a2")
		FIRST_STEP("a5", "s2", "a2")
		FIRST_STEP("a6", "s3", "a2")
		FIRST_STEP("a7", "s4", "a2")
		FIRST_STEP("t3", "s5", "a2")
		FIRST_STEP("t4", "s6", "a2")
		FIRST_STEP("t5", "s7", "t6")
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
		ROW_STEP("a5", "a4", "s1", "a2")
		ROW_STEP("a6", "a5", "s2", "a2")
		ROW_STEP("a7", "a6", "s3", "a2")
		ROW_STEP("t3", "a7", "s4", "a2")
		ROW_STEP("t4", "t3", "s5", "a2")
		ROW_STEP("t5", "t4", "s6", "a2")
		ROW_STEP("t6", "t5", "s7", "t6")
		"bne a1, s8, 1b\n"
		"addi a0, a0, -28\n"
		/* The square comes in here: the lower half in r, the upper in registers. */
		".Lsigner_fold:\n"
		"li a2, 0\n"
		"srli t0, a3, 9\n"
		"bnez t0, 2f\n"
		"beqz a3, 4f\n"

		FOLD_STEP("a4", "0", "s0")
		FOLD_STEP("a5", "4", "s1")
		FOLD_STEP("a6", "8", "s2")
		FOLD_STEP("a7", "12", "s3")
		FOLD_STEP("t3", "16", "s4")
		FOLD_STEP("t4", "20", "s5")
		FOLD_STEP("t5", "24", "s6")
		FOLD_STEP("t6", "28", "s7")
		/* The carry, at most 38, once more; should that wrap, the lowest word is small and takes the last one. */
		"mul a2, a2, a3\n"
		CARRY_INTO("s0")
		CARRY_INTO("s1")
		CARRY_INTO("s2")
		CARRY_INTO("s3")
		CARRY_INTO("s4")
		CARRY_INTO("s5")
		CARRY_INTO("s6")
		CARRY_INTO("s7")
		"mul a2, a2, a3\n"
		"add s0, s0, a2\n"
		"j 3f\n"

		"2:\n"
		FOLD_STEP("a4", "0", "s0")
		FOLD_STEP("a5", "4", "s1")
		FOLD_SHIFTED("a4", "s1")
		FOLD_STEP("a6", "8", "s2")
		FOLD_SHIFTED("a5", "s2")
		FOLD_STEP("a7", "12", "s3")
		FOLD_SHIFTED("a6", "s3")
		FOLD_STEP("t3", "16", "s4")
		FOLD_SHIFTED("a7", "s4")
		FOLD_STEP("t4", "20", "s5")
		FOLD_SHIFTED("t3", "s5")
		FOLD_STEP("t5", "24", "s6")
		FOLD_SHIFTED("t4", "s6")
		FOLD_STEP("t6", "28", "s7")
		FOLD_SHIFTED("t5", "s7")
		/* What is left is (t1, a2) = a2 + t6, t1 its carry: times 977, and times 2^32. */
		"add a2, a2, t6\n"
		"sltu t1, a2, t6\n"
		"mul t2, a2, a3\n"
		"mulhu t0, a2, a3\n"
		"add s0, s0, t2\n"
		"sltu t2, s0, t2\n"
		"add t0, t0, t2\n"
		"neg t2, t1\n"
		"and t2, t2, a3\n"
		"add t0, t0, t2\n"
		"add s1, s1, t0\n"
		"sltu t0, s1, t0\n"
		"add t1, t1, t0\n"
		"add s1, s1, a2\n"
		"sltu a2, s1, a2\n"
		"add a2, a2, t1\n"
		CARRY_INTO("s2")
		CARRY_INTO("s3")
		CARRY_INTO("s4")
		CARRY_INTO("s5")
		CARRY_INTO("s6")
		CARRY_INTO("s7")
		/* Should that wrap, the two lowest words are small. */
		"neg t0, a2\n"
		"and t0, t0, a3\n"
		"add s0, s0, t0\n"
		"sltu t0, s0, t0\n"
		"add a2, a2, t0\n"
		"add s1, s1, a2\n"
		"3:\n"
		"sw s0, 0(a0)\n"
		"sw s1, 4(a0)\n"
		"sw s2, 8(a0)\n"
		"sw s3, 12(a0)\n"
		"sw s4, 16(a0)\n"
		"sw s5, 20(a0)\n"
		"sw s6, 24(a0)\n"
		"sw s7, 28(a0)\n"
		"5:\n"
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
		"ret\n"

		/* No field: the upper half goes beside the lower one. */
		"4:\n"
		"addi a0, a0, 32\n"
		STORE_RESULT
		"j 5b\n");
}

/*
 * The square: 28 products of two different words, doubled, and 8 squares. All of the words and of the sum fit into
 * registers: a in t0, s7 to s11, a1 and t6; words 1 to 14 of the sum in s0 to s6, a4 to a7, t3 to t5.
 */
#define SQUARE_FIRST(x, y, sum, carry)      \
	"mul t1, " x ", " y "\n"            \
	"mulhu t2, " x ", " y "\n"          \
	"add " sum ", " sum ", t1\n"        \
	"sltu a2, " sum ", t1\n"            \
	"add " carry ", a2, t2\n"

#define SQUARE_STEP(x, y, sum, carry)       \
	"mul t1, " x ", " y "\n"            \
	"mulhu t2, " x ", " y "\n"          \
	"add t1, t1, a2\n"                  \
	"sltu a2, t1, a2\n"                 \
	"add t2, t2, a2\n"                  \
	"add " sum ", " sum ", t1\n"        \
	"sltu a2, " sum ", t1\n"            \
	"add " carry ", a2, t2\n"

/* Doubles two words, t0 being the bit from below, and adds the square of x; x is then spent. */
#define SQUARE_PAIR(x, even, odd)           \
	"mul t1, " x ", " x "\n"            \
	"mulhu t2, " x ", " x "\n"          \
	"add t1, t1, a2\n"                  \
	"sltu a2, t1, a2\n"                 \
	"add t2, t2, a2\n"                  \
	"srli " x ", " even ", 31\n"        \
	"slli " even ", " even ", 1\n"      \
	"or " even ", " even ", t0\n"       \
	"add " even ", " even ", t1\n"      \
	"sltu t1, " even ", t1\n"           \
	"add t2, t2, t1\n"                  \
	"srli t0, " odd ", 31\n"            \
	"slli " odd ", " odd ", 1\n"        \
	"or " odd ", " odd ", " x "\n"      \
	"add " odd ", " odd ", t2\n"        \
	"sltu a2, " odd ", t2\n"

__attribute__((naked, noinline)) void signer_field_square(uint32_t r[8] UNUSED, const uint32_t a[8] UNUSED,
                                                          uint32_t field UNUSED) {
	__asm__(
		/* The frame of signer_field_multiply, which restores from it, with room for three registers more. */
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
		"sw s9, 36(sp)\n"
		"sw s10, 40(sp)\n"
		"sw s11, 44(sp)\n"
		"mv a3, a2\n"
		"lw t0, 0(a1)\n"
		"lw s7, 4(a1)\n"
		"lw s8, 8(a1)\n"
		"lw s9, 12(a1)\n"
		"lw s10, 16(a1)\n"
		"lw s11, 20(a1)\n"
		"lw t6, 28(a1)\n"
		"lw a1, 24(a1)\n"
		"mul s0, t0, s7\n"
		"mulhu a2, t0, s7\n"
		"mul t1, t0, s8\n"
		"mulhu t2, t0, s8\n"
		"add s1, t1, a2\n"
		"sltu a2, s1, t1\n"
		"add a2, a2, t2\n"
		"mul t1, t0, s9\n"
		"mulhu t2, t0, s9\n"
		"add s2, t1, a2\n"
		"sltu a2, s2, t1\n"
		"add a2, a2, t2\n"
		"mul t1, t0, s10\n"
		"mulhu t2, t0, s10\n"
		"add s3, t1, a2\n"
		"sltu a2, s3, t1\n"
		"add a2, a2, t2\n"
		"mul t1, t0, s11\n"
		"mulhu t2, t0, s11\n"
		"add s4, t1, a2\n"
		"sltu a2, s4, t1\n"
		"add a2, a2, t2\n"
		"mul t1, t0, a1\n"
		"mulhu t2, t0, a1\n"
		"add s5, t1, a2\n"
		"sltu a2, s5, t1\n"
		"add a2, a2, t2\n"
		"mul t1, t0, t6\n"
		"mulhu t2, t0, t6\n"
		"add s6, t1, a2\n"
		"sltu a2, s6, t1\n"
		"add a4, a2, t2\n"
		SQUARE_FIRST("s7", "s8", "s2", "a2")
		SQUARE_STEP("s7", "s9", "s3", "a2")
		SQUARE_STEP("s7", "s10", "s4", "a2")
		SQUARE_STEP("s7", "s11", "s5", "a2")
		SQUARE_STEP("s7", "a1", "s6", "a2")
		SQUARE_STEP("s7", "t6", "a4", "a5")
		SQUARE_FIRST("s8", "s9", "s4", "a2")
		SQUARE_STEP("s8", "s10", "s5", "a2")
		SQUARE_STEP("s8", "s11", "s6", "a2")
		SQUARE_STEP("s8", "a1", "a4", "a2")
		SQUARE_STEP("s8", "t6", "a5", "a6")
		SQUARE_FIRST("s9", "s10", "s6", "a2")
		SQUARE_STEP("s9", "s11", "a4", "a2")
		SQUARE_STEP("s9", "a1", "a5", "a2")
		SQUARE_STEP("s9", "t6", "a6", "a7")
		SQUARE_FIRST("s10", "s11", "a5", "a2")
		SQUARE_STEP("s10", "a1", "a6", "a2")
		SQUARE_STEP("s10", "t6", "a7", "t3")
		SQUARE_FIRST("s11", "a1", "a7", "a2")
		SQUARE_STEP("s11", "t6", "t3", "t4")
		SQUARE_FIRST("a1", "t6", "t4", "t5")
		"mul t1, t0, t0\n"
		"mulhu t2, t0, t0\n"
		"sw t1, 0(a0)\n"
		"srli t0, s0, 31\n"
		"slli s0, s0, 1\n"
		"add s0, s0, t2\n"
		"sltu a2, s0, t2\n"
		"sw s0, 4(a0)\n"
		SQUARE_PAIR("s7", "s1", "s2")
		"sw s1, 8(a0)\n"
		"sw s2, 12(a0)\n"
		SQUARE_PAIR("s8", "s3", "s4")
		"sw s3, 16(a0)\n"
		"sw s4, 20(a0)\n"
		SQUARE_PAIR("s9", "s5", "s6")
		"sw s5, 24(a0)\n"
		"sw s6, 28(a0)\n"
		SQUARE_PAIR("s10", "a4", "a5")
		SQUARE_PAIR("s11", "a6", "a7")
		SQUARE_PAIR("a1", "t3", "t4")
		"mul t1, t6, t6\n"
		"mulhu t2, t6, t6\n"
		"add t1, t1, a2\n"
		"sltu a2, t1, a2\n"
		"add t2, t2, a2\n"
		"srli t6, t5, 31\n"
		"slli t5, t5, 1\n"
		"or t5, t5, t0\n"
		"add t5, t5, t1\n"
		"sltu t1, t5, t1\n"
		"add t2, t2, t1\n"
		"add t6, t6, t2\n"
		"lw s9, 36(sp)\n"
		"lw s10, 40(sp)\n"
		"lw s11, 44(sp)\n"
		"j .Lsigner_fold\n");
}

__attribute__((naked, noinline)) void signer_multiply(uint32_t r[16] UNUSED, const uint32_t a[8] UNUSED,
                                                      const uint32_t b[8] UNUSED) {
	__asm__(
		"li a3, 0\n"
		"j signer_field_multiply\n");
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
