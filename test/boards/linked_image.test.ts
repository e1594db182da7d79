import test from "ava";
import { bytecodeOf, readLinkedImage } from "../../tools/moddable/linked_image.js";

/** A file of xsl, without what is not read: a native module, a module of both, and two objects with text in them. */
const LINKED = `#define mxHeapCount 3
static const txSlot gxHeap[mxHeapCount];
static const txU1 gxCode1[429];
static const txScript gxScripts[mxScriptsCount] = {
	{ xsHostModule0, NULL, 0, NULL, 0, NULL, 0, "timer", { XS_MAJOR_VERSION, XS_MINOR_VERSION, XS_PATCH_VERSION, 0 } },
	{ xsHostModule1, NULL, 0, (txS1*)gxCode1, 429, NULL, 0, "micropayer/modules/display/display", { XS_MAJOR_VERSION, XS_MINOR_VERSION, 0 } },
};
static const txSlot gxHeap[mxHeapCount] = {
/* 0000 */	{ NULL, {.ID = XS_NO_ID, .flag = XS_NO_FLAG, .kind = XS_REFERENCE_KIND}, .value = { .reference = NULL } },
/* 0001 */	{ NULL, {.ID = 12, .flag = 0x8e, .kind = XS_STRING_X_KIND}, .value = { .string = "Math" } },
/* 0002 */	{ NULL, {.ID = 12, .flag = 0x8e, .kind = XS_STRING_X_KIND}, .value = { .string = "\\"\\xc3\\xa9" } },
};
`;

test("the linker's file gives modules, start-up code, slots and what they point to", (t) => {
	t.deepEqual(readLinkedImage(LINKED), {
		modules: ["timer", "micropayer/modules/display/display"],
		code: 429,
		slots: 3,
		bytes: "Math".length + 1 + 3 + 1,
	});
});

test("the compiler's file gives the size of its bytecode", (t) => {
	const atom = (name: string, body: Buffer) => {
		const size = Buffer.alloc(4);
		size.writeUInt32BE(8 + body.length);
		return Buffer.concat([size, Buffer.from(name), body]);
	};
	const parts = [atom("VERS", Buffer.of(17, 9, 0, 0)), atom("SYMB", Buffer.alloc(10)), atom("CODE", Buffer.alloc(77))];
	t.is(bytecodeOf(atom("XS_B", Buffer.concat(parts))), 77);
	t.throws(() => bytecodeOf(atom("XS_B", parts[0]!)), { instanceOf: TypeError });
	t.throws(() => bytecodeOf(Buffer.alloc(100)), { instanceOf: TypeError });
});

test("a file of another kind is refused", (t) => {
	t.throws(() => readLinkedImage("int main() {}"), { instanceOf: TypeError, message: /xsl/ });
});
