/** The project's folder on this machine. */
import { fileURLToPath } from "node:url";

/** Ends with a slash. */
export const ROOT = fileURLToPath(new URL("..", import.meta.url));
