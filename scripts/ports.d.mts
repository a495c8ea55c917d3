/** A port of 127.0.0.1 that nothing listens on at the moment. */
export function freePort(): Promise<number>
