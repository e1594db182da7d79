/**
 * A wallet created by AgentPMT (POST /agentaddress). Its private key comes from the market through this machine, and a device
 * accepts keys only at its console: so it is fetched here and sent as the line after `key import`. The market has seen it.
 */
import { HostError } from "../cli/host_error.js";
import type { Answer, Conversation } from "./conversation.js";

const HOST = "https://www.agentpmt.com";
const PATH = "/api/external/agentaddress";

/** @throws HostError `MarketRefused`, `DeviceGone`, `DeviceSilent` */
export async function takeWallet(conversation: Conversation, slot = "0", host = HOST): Promise<Answer> {
	const ready = await conversation.ask(`key import ${slot} secp256k1`);
	if (!ready.ok) return ready;
	const wallet = await fetchWallet(host).catch((error: unknown) => error as Error);
	// The device waits for a line in any case; without a wallet, it gets one that is no key.
	const answer = await conversation.ask(wallet instanceof Error ? "none" : wallet.key);
	if (wallet instanceof Error) throw wallet;
	const { address } = (answer.key ?? {}) as { readonly address?: string };
	const isSame = !answer.ok || address?.toLowerCase() === wallet.address.toLowerCase();
	if (!isSame) throw new HostError("MarketRefused", `expected the key of ${wallet.address}, the device has ${address}`);
	return answer;
}

async function fetchWallet(host: string): Promise<{ readonly key: string; readonly address: string }> {
	const response = await fetch(new URL(PATH, host), { method: "POST" });
	const { data } = (await response.json()) as { data?: { evmPrivateKey?: string; evmAddress?: string } };
	const { evmPrivateKey = "", evmAddress = "" } = data ?? {};
	if (/^0x[0-9a-fA-F]{64}$/.test(evmPrivateKey)) return { key: evmPrivateKey.slice(2), address: evmAddress };
	throw new HostError("MarketRefused", `expected a wallet from ${host}, got status ${response.status} without one`);
}
