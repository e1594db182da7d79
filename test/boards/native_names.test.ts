/** The check that a manifest includes every module that its native code needs, on C source as the SDK writes it. */
import test from "ava";
import { undeclaredIn } from "../../tools/moddable/native_names.js";

const HOOKS = "static const xsHostHooks hooks = {\n\txs_listener_destructor_,\n\tNULL\n};\n";
const DEFINITION = "void xs_listener_destructor_(void *data)\n{\n}\n";

const table: Readonly<Record<string, [source: string, undeclared: string[]]>> = {
	"a function that is used before its definition": [HOOKS + DEFINITION, ["xs_listener_destructor_"]],
	"a function that is used after its definition": [DEFINITION + HOOKS, []],
	"a static prototype": [`static void xs_listener_destructor_(void *data);\n${HOOKS}`, []],
	"a table of hooks with a macro in its type": ["const xsHostHooks ICACHE_FLASH_ATTR xs_mode_hooks = {\n};\n", []],
	"a name in a comment": ["// xs_listener_read\n/* xs_listener_write\n */\n", []],
	"what mc.xs.h declares": ["\txs_tcp_read,\n", []],
	"a call in a function": ["void xs_tcp_read(xsMachine *the)\n{\n\txs_tcp_close(the);\n}\n", ["xs_tcp_close"]],
};

for (const [name, [source, undeclared]] of Object.entries(table)) {
	test(`${name} ${undeclared.length === 0 ? "is declared" : "is missing"}`, (t) => {
		t.deepEqual(undeclaredIn(source, new Set(["xs_tcp_read"])), undeclared);
	});
}
