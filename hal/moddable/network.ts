/**
 * The network of the ports on Moddable: streams over the SDK's sockets, its TLS session and its resolver.
 *
 * @module
 */
import UDP from "embedded:io/socket/udp";
import Resolver from "embedded:network/dns/resolver/udp";
import type { Connect } from "../../src/device/stream.js";
import { parseIPv4 } from "../../src/http/address.js";
import { TcpStream } from "./tcp_stream.js";
import type { Trust } from "./tls/path.js";
import { TlsStream } from "./tls/tls_stream.js";

export interface Network extends Trust {
	/** Returns IPv4 addresses of name servers, best first; called for each name. */
	nameServers(): readonly string[];
}

/** A stream that waits for its address. */
interface Waiting {
	open(address: string): void;
	fail(reason: string): void;
}

export function createConnect(network: Network): Connect {
	return (options) => {
		const stream = options.secure ? new TlsStream(options, network) : new TcpStream(options);
		find(options.host, stream, network.nameServers);
		return stream;
	};
}

function find(host: string, stream: Waiting, nameServers: () => readonly string[]): void {
	if (parseIPv4(host) !== undefined) stream.open(host);
	else if (host === "localhost" || host.endsWith(".localhost")) stream.open("127.0.0.1");
	else if (host.includes(":")) stream.fail(`${host} is an IPv6 address: only IPv4 is supported`);
	else ask(nameServers(), host, stream);
}

function ask(servers: readonly string[], host: string, stream: Waiting): void {
	if (servers.length === 0) {
		stream.fail(`no name server is known to resolve ${host}`);
		return;
	}
	new Resolver({ servers, socket: { io: UDP } }).resolve({
		host,
		onResolved: (_host, address) => {
			stream.open(address);
			return null;
		},
		onError: () => {
			stream.fail(`no name server could resolve ${host}`);
			return null;
		},
	});
}
