import test from "ava";
import * as cbor from "../../../modules/encoding/cbor.js";
import { readProgress } from "../../../src/markets/kit/progress.js";
import { progressOf } from "../../../src/markets/pact/progress.js";

test("progress of another program is none: of another place, or with a premium that no call of ours has", (t) => {
	const read = (place: number, premium: number[]) =>
		progressOf(readProgress(cbor.encode([place, Uint8Array.from(premium), false, [], "delivered", "paid"])));
	t.truthy(read(1, [5]));
	for (const other of [read(3, [5]), read(1, [0, 5]), read(1, new Array(33).fill(1))]) t.is(other, undefined);
});
