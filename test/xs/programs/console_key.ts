/** Takes a key for slot 0, one for slot 1, and one that is refused, from the owner's console; then stays on. */
import { createPort } from "../../../hal/xs/port.js";

export default function (): void {
	const { console } = createPort();
	const take = (slot: number): void => {
		console!.takeKey(slot, slot === 1 ? "ed25519" : "secp256k1", (refusal) => {
			console!.write(`slot ${slot}: ${refusal ?? "taken"}`);
			if (slot < 2) take(slot + 1);
		});
	};
	console!.open(
		(line) => console!.write(`a line of ${line?.length} characters`),
		() => 4_000,
	);
	take(0);
}
