/**
 * The root certificates in the image, listed in `mc/config`: those of this folder's manifest, and those that an app's own
 * manifest adds to its resources and to `config.tls.roots`.
 */

import Resource from "Resource";
import config from "mc/config";

export function* builtInRoots(): Iterable<Uint8Array> {
	for (const name in config.tls.roots) yield new Uint8Array(new Resource(`${name}.der`) as unknown as ArrayBuffer);
}
