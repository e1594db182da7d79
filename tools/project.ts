/** The project's folder on this machine. */
import { fileURLToPath } from "node:url";

/** With a slash at its end. */
export const ROOT = fileURLToPath(new URL("..", import.meta.url));
