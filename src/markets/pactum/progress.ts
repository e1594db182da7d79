/**
 * The progress of a purchase in the ledger: a CBOR array that begins with the number of the step, 1 to 4.
 * Step 0 is `ordering` as earlier firmware stored it, with a mark that cannot find the order again: its outcome is unknown.
 *
 * | step | before or after | with |
 * |---|---|---|
 * | ordering | before an order by credit is placed | the orders of this item that were listed: see `lost_order.ts` |
 * | depositing | before the deposit for an escrow order is requested | the order, the escrow |
 * | proving | the deposit was made | the order, the transaction |
 * | following | the order is paid | the order |
 */
import * as cbor from "../../../modules/encoding/cbor.js";
import * as hex from "../../../modules/encoding/hex.js";

export type PurchaseProgress =
	| { readonly step: "ordering"; readonly item: string; readonly known: Uint8Array | undefined }
	| { readonly step: "depositing"; readonly item: string; readonly order: string; readonly escrow: string }
	| { readonly step: "proving"; readonly item: string; readonly order: string; readonly transaction: string }
	| { readonly step: "following"; readonly item: string; readonly order: string };

export function encodeProgress(progress: PurchaseProgress): Uint8Array {
	const { item } = progress;
	switch (progress.step) {
		case "ordering":
			return cbor.encode([4, item, progress.known ?? new Uint8Array(0)]);
		case "depositing":
			return cbor.encode([1, item, progress.order, hex.decode(progress.escrow)]);
		case "proving":
			return cbor.encode([2, item, progress.order, hex.decode(progress.transaction)]);
		case "following":
			return cbor.encode([3, item, progress.order]);
	}
}

/** The progress that `interrupted` of the kit has read; `undefined` if another program wrote it. */
export function progressOf([step, item, second, third]: readonly cbor.CborValue[]): PurchaseProgress | undefined {
	if (typeof item !== "string") return undefined;
	if (step === 0) return { step: "ordering", item, known: undefined };
	if (step === 4 && second instanceof Uint8Array) return { step: "ordering", item, known: second };
	if (typeof second !== "string") return undefined;
	if (step === 1 && third instanceof Uint8Array) {
		return { step: "depositing", item, order: second, escrow: `0x${hex.encode(third)}` };
	}
	if (step === 2 && third instanceof Uint8Array) {
		return { step: "proving", item, order: second, transaction: `0x${hex.encode(third)}` };
	}
	return step === 3 ? { step: "following", item, order: second } : undefined;
}
