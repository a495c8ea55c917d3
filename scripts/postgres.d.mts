/** A running server and how to stop it. */
export function startPostgres(): Promise<{ url: string; stop: () => Promise<void> }>
