/** An image as it lies in its slot once it is signed (ESP-IDF 6.0, docs/en/security/secure-boot-v2.rst). */
import test from "ava";
import { findBoard } from "../../tools/moddable/boards.js";
import { complaintOf, fitOf, signedSize } from "../../tools/moddable/slot.js";

const SLOT = 0x1e0000;

const sizes: readonly [image: number, signed: number][] = [
	[1, 0x11000],
	[0x10000, 0x11000],
	[0x10001, 0x21000],
	// Built by ESP-IDF 6.0.1 once: it passes ESP-IDF's own check of the slot, and the bootloader refuses it once signed.
	[1_936_336, 0x1e1000],
];

for (const [image, signed] of sizes) {
	test(`an image of ${image} bytes takes 0x${signed.toString(16)} once signed`, (t) => t.is(signedSize(image), signed));
}

const fits: readonly [image: number, spare: number, complaint: RegExp | undefined][] = [
	[1_936_336, -0x1000, /^the signed image has 1,970,176 bytes, and its slot 1,966,080: it would not start$/],
	[0x1d0000, 0xf000, /^the slot has 61,440 bytes to spare of the 100,000 that an update may need$/],
	[0x1c0000, 0x1f000, undefined],
];

for (const [image, spare, complaint] of fits) {
	test(`an image of ${image} bytes leaves ${spare} bytes of its slot, which is ${complaint === undefined ? "enough" : "reported"}`, (t) => {
		const fit = fitOf(findBoard("esp32c3_devkit"), image);
		t.like(fit, { slot: SLOT, image, spare });
		if (complaint === undefined) t.is(complaintOf(fit), undefined);
		else t.regex(complaintOf(fit)!, complaint);
	});
}
