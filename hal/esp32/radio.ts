/**
 * Adapts the SDK's station (ECMA-419 §13, `embedded:network/interface/wifi`) to the supervisor's `Radio`.
 *
 * @module
 */
import WiFi from "embedded:network/interface/wifi";
import type { Radio } from "./wifi.js";

/** `connection` of the SDK: 200 down, 300 associating, 400 associated, 500 with its addresses. */
const JOINING = 300;
const UP = 500;

/** Switches the radio on. */
export function createRadio(onChanged: () => void): Radio {
	const station = new WiFi({ onChanged: () => onChanged() });
	return {
		connect(ssid, password) {
			station.connect(password === "" ? { SSID: ssid } : { SSID: ssid, password });
		},
		disconnect() {
			station.disconnect();
		},
		get link() {
			const { connection } = station;
			return connection >= UP ? "up" : connection >= JOINING ? "joining" : "down";
		},
	};
}
